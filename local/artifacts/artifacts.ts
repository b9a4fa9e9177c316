import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { goCommands, operatorCommands } from "../images/commands.ts";
import type { Image } from "../images/image.ts";
import { images, operatorImages } from "../images/list.ts";
import { nodeFilesystem } from "../images/node.ts";
import { operatorManifests, type OperatorManifest } from "../images/operators.ts";
import type { PhaseLog, Reporter } from "../report.ts";
import { cached, entryPath, type Inputs } from "./cache.ts";
import { estimatedSeconds } from "./durations.ts";
import { buildGo, goInputs, moduleFolder, type GoCommand } from "./go.ts";
import { packImage } from "./oci.ts";
import { assemble, projectInputs } from "./rootfs.ts";
import { checkToolchain, CLUSTER_GO, OPERATORS_GO } from "./toolchain.ts";

/** An image archive for `ctr -n k8s.io images import`. Its path changes with the image's definition. */
export interface ImageArchive {
  readonly reference: string;
  readonly archive: string;
}

/** Paths of the artifacts that the embedded cluster runs. */
export interface Artifacts {
  /** Static binary with all components; its first argument or its name selects kube-apiserver, kubelet, kubectl, ... */
  readonly kubernetes: string;
  /** kubectl for this machine. */
  readonly kubectl: string;
  readonly coredns: string;
  readonly localPathProvisioner: string;
  readonly kubeNetworkPolicies: string;
  /** Directory of the node's root file system. Read-only: other clusters share it. */
  readonly nodeRootfs: string;
  readonly images: readonly ImageArchive[];
  /** Directory of the operators' own manifests; undefined without operators. */
  readonly operatorManifests?: string;
}

/** Options of {@link prepareArtifacts}. */
export interface ArtifactOptions {
  /** Created if missing. Can be deleted whenever no cluster runs. */
  readonly cacheDir: string;
  /** Whether to prepare the operators' images and manifests too. @default false */
  readonly operators?: boolean;
  readonly report: Reporter;
}

type ClusterCommand = (typeof goCommands)[number]["name"];
type OperatorCommand = (typeof operatorCommands)[number]["name"];
type Binaries = Readonly<Record<ClusterCommand, string> & Partial<Record<OperatorCommand, string>>>;
type Build = (log: PhaseLog, directory: string) => Promise<void>;

// Increase when the assembly code produces different content from the same definition.
const ASSEMBLY_VERSION = 1;

/**
 * Builds the artifacts of the embedded cluster that are not cached; each is a phase. Go builds run one at a time, since
 * each uses all cores; downloads and file system assembly run in parallel with them.
 * @throws Error if a tool is missing, or a download or build fails; finished artifacts stay cached
 */
export async function prepareArtifacts({ cacheDir, operators = false, report }: ArtifactOptions): Promise<Artifacts> {
  const builder = new ArtifactBuilder(cacheDir, operators, report);
  const definitions = imagesOf(operators);
  const imagesWithoutGo = definitions.filter(({ filesystem }) => filesystem.binaries === undefined);
  const [binaries, nodeRootfs, archives, manifests] = await allSettled(
    builder.commands(),
    builder.nodeRootfs(),
    builder.images(imagesWithoutGo),
    operators ? builder.operatorManifests() : Promise.resolve(undefined),
  );
  const imagesWithGo = definitions.filter((image) => !imagesWithoutGo.includes(image));
  archives.push(...(await builder.images(imagesWithGo, binaries)));
  return {
    kubernetes: binaries.kubernetes,
    kubectl: path.join(path.dirname(binaries.kubernetes), "kubectl"),
    coredns: binaries.coredns,
    localPathProvisioner: binaries["local-path-provisioner"],
    kubeNetworkPolicies: binaries["kube-network-policies"],
    nodeRootfs,
    images: archives,
    ...(manifests !== undefined && { operatorManifests: manifests }),
  };
}

const commandsOf = (operators: boolean): readonly GoCommand[] =>
  operators ? [...goCommands, ...operatorCommands] : goCommands;

const imagesOf = (operators: boolean): readonly Image[] => (operators ? [...images, ...operatorImages] : images);

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
    commands: commandsOf(true)
      .filter(({ name }) => contained.includes(name))
      .map(goInputs),
    ...(project !== undefined && { project }),
    assembly: ASSEMBLY_VERSION,
  };
  return { name: `image-${path.basename(image.reference).replace(":", "-")}`, inputs };
}

const manifestsArtifact: Artifact = {
  name: "operator-manifests",
  inputs: Object.values(operatorManifests).map(({ command, file, name }) => ({
    command: goInputs(command),
    file,
    name,
  })),
};

const titleOf = ({ name }: Artifact): string => `Build ${name}`;

/** Titles of the phases that `prepareArtifacts` will run, with estimated seconds on an idle machine with two cores. */
export function missingArtifacts(
  cacheDir: string,
  { operators = false }: Pick<ArtifactOptions, "operators"> = {},
): ReadonlyMap<string, number> {
  const all = [
    ...commandsOf(operators).map(commandArtifact),
    nodeArtifact,
    ...imagesOf(operators).map(imageArtifact),
    ...(operators ? [manifestsArtifact] : []),
  ];
  const missing = all.filter((artifact) => !existsSync(entryPath({ cacheDir, ...artifact })));
  return new Map(missing.map((artifact) => [titleOf(artifact), estimatedSeconds(artifact)]));
}

/** Builds artifacts that are not cached. */
class ArtifactBuilder {
  readonly #cacheDir: string;
  readonly #operators: boolean;
  readonly #report: Reporter;
  #toolchainCheck: Promise<void> | undefined;

  constructor(cacheDir: string, operators: boolean, report: Reporter) {
    this.#cacheDir = cacheDir;
    this.#operators = operators;
    this.#report = report;
  }

  async commands(): Promise<Binaries> {
    const paths: Record<string, string> = {};
    for (const command of commandsOf(this.#operators)) {
      const directory = await this.#ensure(commandArtifact(command), async (log, directory) => {
        await buildGo(log, command, directory);
        if (command.name === "kubernetes") await symlink("kubernetes", path.join(directory, "kubectl"));
      });
      paths[command.name] = path.join(directory, command.name);
    }
    return paths as Binaries;
  }

  /** A directory with the operators' manifests, as their Go modules contain them. */
  operatorManifests(): Promise<string> {
    return this.#ensure(manifestsArtifact, async (log, directory) => {
      for (const manifest of Object.values(operatorManifests)) await copyManifest(log, manifest, directory);
    });
  }

  nodeRootfs(): Promise<string> {
    return this.#ensure(nodeArtifact, (log, directory) => assemble(log, this.#cacheDir, directory, nodeFilesystem));
  }

  /** @param binaries must include those that the images contain */
  async images(definitions: readonly Image[], binaries: Partial<Binaries> = {}): Promise<ImageArchive[]> {
    const archives = [];
    for (const image of definitions) archives.push(await this.#image(image, binaries));
    return archives;
  }

  async #image(image: Image, binaries: Partial<Binaries>): Promise<ImageArchive> {
    const { reference, filesystem, config } = image;
    const directory = await this.#ensure(imageArtifact(image), async (log, directory) => {
      const root = path.join(directory, "root");
      await mkdir(root);
      await assemble(log, this.#cacheDir, root, filesystem, binaries);
      log.note("packing");
      await packImage(log, root, reference, config, path.join(directory, "image.tar"));
      await rm(root, { recursive: true });
    });
    return { reference, archive: path.join(directory, "image.tar") };
  }

  async #ensure(artifact: Artifact, build: Build): Promise<string> {
    const key = { cacheDir: this.#cacheDir, ...artifact };
    if (existsSync(entryPath(key))) return entryPath(key);
    await (this.#toolchainCheck ??= checkToolchain(this.#cacheDir, this.#operators ? OPERATORS_GO : CLUSTER_GO));
    return this.#report.phase(titleOf(artifact), (log) =>
      cached({
        ...key,
        build: (directory) => build(log, directory),
        onWait: () => log.note("waiting for another process that builds it"),
      }),
    );
  }
}

async function copyManifest(log: PhaseLog, manifest: OperatorManifest, directory: string): Promise<void> {
  const { command, module, file, name } = manifest;
  const folder = await moduleFolder(log, command, module);
  await copyFile(path.join(folder, file), path.join(directory, name));
}

/** Like `Promise.all`, but rejects only after all promises have settled, so that no work is left running. */
async function allSettled<T extends readonly unknown[]>(...work: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
