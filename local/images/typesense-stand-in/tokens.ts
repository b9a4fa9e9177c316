/** The words of a text, in small letters and without accents. Signs between letters belong to no word. */
export function tokens(text: string): string[] {
  return (
    text
      .normalize("NFD")
      .replace(/\p{Mn}/gu, "")
      .replace(/[đĐ]/g, "d")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s]/gu, "")
      .match(/\S+/gu) ?? []
  );
}
