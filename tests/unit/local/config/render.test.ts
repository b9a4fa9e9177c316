import { fill } from "../../../../local/config/render.ts";

test("placeholders are replaced, shell variables and other text are kept", () => {
  expect(fill('a: ${NAME}-${NAME} "$HOME"', { NAME: "x" })).toBe('a: x-x "$HOME"');
});

test("a placeholder without a value is an error that names it", () => {
  expect(() => fill("a: ${MISSING}", {})).toThrow("${MISSING}");
});
