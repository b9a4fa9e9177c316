package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// cniRecords is what the node's own CNI wrote down about the addresses it gave out: who has an address is known from
// there before the pod's first process runs. The API knows it a second later, which would be a second without
// policies, and still knows the addresses of pods that are through, which others may have by now.
type cniRecords struct {
	leases  string // directory of host-local with a file for each address in use, which names the container
	results string // directory of libcni with a file for each container, which names the pod
	network string
}

// podOf returns the "namespace/name" of the pod that has an address; false if no pod of this node has it.
func (r cniRecords) podOf(address string) (string, bool) {
	if strings.ContainsRune(address, filepath.Separator) {
		return "", false
	}
	lease, err := os.ReadFile(filepath.Join(r.leases, address))
	if err != nil {
		return "", false
	}
	container, device, _ := strings.Cut(strings.TrimSpace(string(lease)), "\n")
	file := strings.Join([]string{r.network, strings.TrimSpace(container), strings.TrimSpace(device)}, "-")
	result, err := os.ReadFile(filepath.Join(r.results, file))
	if err != nil {
		return "", false
	}
	var record struct{ CniArgs [][2]string }
	if err := json.Unmarshal(result, &record); err != nil {
		return "", false
	}
	args := map[string]string{}
	for _, arg := range record.CniArgs {
		args[arg[0]] = arg[1]
	}
	return args["K8S_POD_NAMESPACE"] + "/" + args["K8S_POD_NAME"], true
}

// podInformer is a PodInformer whose index by address is answered from the CNI's records. It is the one index that the
// policy controller has.
type podInformer struct {
	coreinformers.PodInformer
	records cniRecords
}

func (i podInformer) Informer() cache.SharedIndexInformer {
	return sharedInformer{i.PodInformer.Informer(), i.records}
}

type sharedInformer struct {
	cache.SharedIndexInformer
	records cniRecords
}

func (i sharedInformer) GetIndexer() cache.Indexer {
	return podIndexer{i.SharedIndexInformer.GetIndexer(), i.records}
}

type podIndexer struct {
	cache.Indexer
	records cniRecords
}

func (i podIndexer) ByIndex(_, address string) ([]any, error) {
	key, ok := i.records.podOf(address)
	if !ok {
		return nil, nil
	}
	pod, exists, err := i.GetByKey(key)
	if err != nil || !exists {
		return nil, err
	}
	return []any{pod}, nil
}
