package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// cniRecords maps pod addresses to pods with the files that the node's CNI plugins write before a pod's first process
// starts. The API server has an address about one second later, which would be one second without policies, and keeps
// the addresses of completed pods, which other pods may have been given since.
type cniRecords struct {
	leases  string // host-local's directory: one file per address in use, with the container ID
	results string // libcni's directory: one file per container, with the pod's name
	network string
}

// podOf returns the "namespace/name" of the pod with this address; false if no pod of this node has it.
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

// podInformer is a PodInformer that looks up pods by address in the CNI records instead of its index. The policy
// controller uses no other index.
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
