import pulumi
import pulumi_kubernetes as k8s

namespace = k8s.core.v1.Namespace("shop", metadata={"name": "shop-python"})
labels = {"app": "web"}
k8s.apps.v1.Deployment(
    "web",
    metadata=k8s.meta.v1.ObjectMetaArgs(name="web", namespace=namespace.metadata["name"],
                                        annotations={"pulumi.com/skipAwait": "true"}),
    spec=k8s.apps.v1.DeploymentSpecArgs(
        selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels),
        template=k8s.core.v1.PodTemplateSpecArgs(
            metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels),
            spec=k8s.core.v1.PodSpecArgs(
                host_network=True,
                security_context=k8s.core.v1.PodSecurityContextArgs(
                    run_as_non_root=True,
                    seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
                ),
                containers=[k8s.core.v1.ContainerArgs(
                    name="web",
                    image="registry.example/web:1.0",
                    security_context=k8s.core.v1.SecurityContextArgs(
                        allow_privilege_escalation=False,
                        capabilities=k8s.core.v1.CapabilitiesArgs(drop=["ALL"]),
                    ),
                )],
            ),
        ),
    ),
)
