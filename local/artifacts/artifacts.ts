import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { goCommands } from "../images/commands.ts";
import type { Image } from "../images/image.ts";
import { images } from "../images/list.ts";
import { nodeFilesystem } from "../images/node.ts";
import type { PhaseLog, Reporter } from "../report.ts";
import { cached, entryPath, type Inputs } from "./cache.ts";
import { secondsOf } from "./durations.ts";
import { buildGo, goInputs, type GoCommand } from "./go.ts";
import { packImage } from "./oci.ts";
import { assemble, projectInputs } from "./rootfs.ts";
import { checkToolchain } from "./toolchain.ts";

/** An image in a file that `ctr -n k8s.io images import` reads. The path changes with the image's declaration. */
export interface ImageArchive {
  readonly reference: string;
  readonly archive: string;
}

/** Paths of all that the embedded cluster runs. */
export interface Artifacts {
  /** One static binary; its first argument (or its name) is kube-apiserver, kubelet, kubectl, ... */
  readonly kubernetes: string;
  /** kubectl, to be run on this machine. */
  readonly kubectl: string;
  readonly coredns: string;
  readonly localPathProvisioner: string;
  readonly kubeNetworkPolicies: string;
  /** The node's root file system, a directory; not to be written to: other clusters use it too. */
  readonly nodeRootfs: string;
  readonly images: readonly ImageArchive[];
}

/** Where artifacts are kept, and who is told of their making. */
export interface ArtifactOptions {
  /** Made if it is not there; may be deleted at any time when no cluster runs. */
  readonly cacheDir: string;
  readonly report: Reporter;
}

type CommandName = (typeof goCommands)[number]["name"];
type Binaries = Readonly<Record<CommandName, string>>;
type Build = (log: PhaseLog, directory: string) => Promise<void>;

// Raised when the code that assembles file systems or images changes what it makes of the same declaration.
const ASSEMBLY_VERSION = 1;

/**
 * Brings all that the embedded cluster runs into the cache, building what is not there yet; each artifact is a phase.
 * Go builds take turns, since each uses every core; downloads and the assembly of file systems go on beside them.
 * @throws Error when this machine lacks a tool, or when something cannot be downloaded or built; what is done is kept
 */
export async function prepareArtifacts({ cacheDir, report }: ArtifactOptions): Promise<Artifacts> {
  const workshop = new Workshop(cacheDir, report);
  const besideGo = images.filter(({ filesystem }) => filesystem.binaries === undefined);
  const [binaries, nodeRootfs, archives] = await allSettled(
    workshop.commands(),
    workshop.nodeRootfs(),
    workshop.images(besideGo),
  );
  const ofGo = images.filter((image) => !besideGo.includes(image));
  archives.push(...(await workshop.images(ofGo, binaries)));
  return {
    kubernetes: binaries.kubernetes,
    kubectl: path.join(path.dirname(binaries.kubernetes), "kubectl"),
    coredns: binaries.coredns,
    localPathProvisioner: binaries["local-path-provisioner"],
    kubeNetworkPolicies: binaries["kube-network-policies"],
    nodeRootfs,
    images: archives,
  };
}

interface Artifact {
  readonly name: string;
  readonly inputs: Inputs;
}

const commandArtifact = (command: GoCommand): Artifact => ({ name: command.name, inputs: goInputs(command) });

const nodeArtifact: Artifact = {
  name: "node",
  inputs: { filesystem: nodeFilesystem as Inputs, assembly: ASSEMBLY_VERSION },
};

function imageArtifact(image: Image): Artifact {
  const contained = Object.values(image.filesystem.binaries ?? {});
  const project = projectInputs(image.filesystem);
  const inputs = {
    image: image as unknown as Inputs,
    commands: goCommands.filter(({ name }) => contained.includes(name)).map(goInputs),
    ...(project !== undefined && { project }),
    assembly: ASSEMBLY_VERSION,
  };
  return { name: `image-${path.basename(image.reference).replace(":", "-")}`, inputs };
}

const titleOf = ({ name }: Artifact): string => `Build ${name}`;

/** Titles of the phases that `prepareArtifacts` will have, and the seconds that each takes on a quiet machine of two cores. */
export function missingArtifacts(cacheDir: string): ReadonlyMap<string, number> {
  const all = [...goCommands.map(commandArtifact), nodeArtifact, ...images.map(imageArtifact)];
  const missing = all.filter((artifact) => !existsSync(entryPath({ cacheDir, ...artifact })));
  return new Map(missing.map((artifact) => [titleOf(artifact), secondsOf(artifact)]));
}

/** Makes artifacts that are not in the cache yet, one by one. */
class Workshop {
  readonly #cacheDir: string;
  readonly #report: Reporter;
  #checked: Promise<void> | undefined;

  constructor(cacheDir: string, report: Reporter) {
    this.#cacheDir = cacheDir;
    this.#report = report;
  }

  async commands(): Promise<Binaries> {
    const paths: Partial<Record<CommandName, string>> = {};
    for (const command of goCommands) {
      const directory = await this.#made(commandArtifact(command), async (log, directory) => {
        await buildGo(log, command, directory);
        if (command.name === "kubernetes") await symlink("kubernetes", path.join(directory, "kubectl"));
      });
      paths[command.name] = path.join(directory, command.name);
    }
    return paths as Binaries;
  }

  nodeRootfs(): Promise<string> {
    return this.#made(nodeArtifact, (log, directory) => assemble(log, this.#cacheDir, directory, nodeFilesystem));
  }

  /** @param binaries must have those that the images contain */
  async images(declared: readonly Image[], binaries: Partial<Binaries> = {}): Promise<ImageArchive[]> {
    const archives = [];
    for (const image of declared) archives.push(await this.#image(image, binaries));
    return archives;
  }

  async #image(image: Image, binaries: Partial<Binaries>): Promise<ImageArchive> {
    const { reference, filesystem, config } = image;
    const directory = await this.#made(imageArtifact(image), async (log, directory) => {
      const root = path.join(directory, "root");
      await mkdir(root);
      await assemble(log, this.#cacheDir, root, filesystem, binaries);
      log.note("packing");
      await packImage(log, root, reference, config, path.join(directory, "image.tar"));
      await rm(root, { recursive: true });
    });
    return { reference, archive: path.join(directory, "image.tar") };
  }

  async #made(artifact: Artifact, build: Build): Promise<string> {
    const place = { cacheDir: this.#cacheDir, ...artifact };
    if (existsSync(entryPath(place))) return entryPath(place);
    await (this.#checked ??= checkToolchain(this.#cacheDir));
    return this.#report.phase(titleOf(artifact), (log) =>
      cached({
        ...place,
        build: (directory) => build(log, directory),
        onWait: () => log.note("another run is building it: waiting"),
      }),
    );
  }
}

/** Waits for all, even if one fails, so that none is still at work when the error is thrown. */
async function allSettled<T extends readonly unknown[]>(...work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
