import { archiveNames, packageOf, sourceLines } from "../../../../local/artifacts/debian.ts";

const URIS = `
'http://archive.example/debian/dists/bookworm/InRelease' archive.example_debian_dists_bookworm_InRelease 0
'http://archive.example/debian/dists/bookworm-updates/InRelease' archive.example_debian_dists_bookworm-updates_InRelease 0
'http://archive.example/debian-security/dists/bookworm-security/InRelease' archive.example_security_InRelease 0
'http://archive.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' archive.example_Packages 0
'https://other.example/repo/dists/nodistro/InRelease' other.example_repo_dists_nodistro_InRelease 0
`;

test("sources for another release use only the machine's own Debian archives", () => {
  expect(sourceLines(URIS, "bookworm", "trixie", "[signed-by=/k] ")).toEqual([
    "deb [signed-by=/k] http://archive.example/debian trixie main\n",
    "deb [signed-by=/k] http://archive.example/debian trixie-updates main\n",
    "deb [signed-by=/k] http://archive.example/debian-security trixie-security main\n",
  ]);
  expect(sourceLines(URIS, "bullseye", "trixie")).toEqual([]);
});

test("archive names match apt's, with epochs escaped", () => {
  const simulation = `Inst libc6 (2.36-9+deb12u10 Debian:12.11/stable, Debian-Security:12/stable-security [amd64])
Inst login (1:4.13+dfsg1-1 Debian:12.11/stable [amd64]) []
Inst tzdata (2025b-0 Debian:12.11/stable [all])
Conf libc6 (2.36-9+deb12u10 Debian:12.11/stable [amd64])
`;
  expect(archiveNames(simulation)).toEqual([
    "libc6_2.36-9+deb12u10_amd64.deb",
    "login_1%3a4.13+dfsg1-1_amd64.deb",
    "tzdata_2025b-0_all.deb",
  ]);
  expect(archiveNames(simulation).map(packageOf)).toEqual(["libc6", "login", "tzdata"]);
});
