// Command kube-network-policies accepts or drops each new connection that the packet filter queues, according to the
// cluster's NetworkPolicies.
//
// The controller also tries to install its own nftables rules that fill the queue. They need a kernel with
// CONFIG_NFT_QUEUE; without it the kernel rejects the whole batch, the controller logs the error and continues, and its
// rules queue nothing. The node therefore queues packets with iptables (-j NFQUEUE, a different kernel option). If
// nftables also queues them, a connection is evaluated twice by the same policies. The queue has no bypass: while this
// process is down, new connections are dropped.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file; needs list and watch on pods, namespaces and networkpolicies")
	node := flag.String("node-name", "", "name of the node whose pods are protected")
	records := cniRecords{}
	flag.StringVar(&records.network, "cni-network", "", "name of the pods' CNI network")
	flag.StringVar(&records.leases, "cni-leases", "", "directory of the network's leases (host-local)")
	flag.StringVar(&records.results, "cni-results", "/var/lib/cni/results", "directory of libcni's results")
	queue := flag.Int("nfqueue-id", 100, "number of the netfilter queue to listen on")
	metrics := flag.String("metrics-bind-address", "127.0.0.1:9080", "address for /metrics; empty to disable")
	klog.InitFlags(nil)
	flag.Parse()
	if *kubeconfig == "" || *node == "" || records.network == "" || records.leases == "" {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *kubeconfig, *node, records, *queue, *metrics); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, kubeconfig, node string, records cniRecords, queue int, metrics string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller, err := networkpolicy.NewController(
		client,
		factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(),
		podInformer{factory.Core().V1().Pods(), records},
		nil, nil, nil, nil, // AdminNetworkPolicies
		networkpolicy.Config{NodeName: node, QueueID: queue},
	)
	if err != nil {
		return err
	}
	if metrics != "" {
		http.Handle("/metrics", promhttp.Handler())
		go func() { klog.ErrorS(http.ListenAndServe(metrics, nil), "Failed to serve metrics") }()
	}
	factory.Start(ctx.Done())
	return controller.Run(ctx)
}
