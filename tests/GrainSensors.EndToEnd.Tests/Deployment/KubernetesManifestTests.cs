using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Hosting.Pipeline;
using k8s;
using k8s.Models;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>The manifests have known keys only, and fit each other, the options and docker-compose.yml.</summary>
public sealed class KubernetesManifestTests
{
    private const string Folder = "deploy/kubernetes";
    private const string Name = "grainsensors";

    private readonly List<object> _objects = [.. Directory
        .GetFiles(RepositoryFiles.PathOf(Folder), "*.yaml")
        .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true))];

    private V1Deployment Deployment => One<V1Deployment>();

    private V1PodSpec Pod => Deployment.Spec.Template.Spec;

    private V1Container Silo => Assert.Single(Pod.Containers);

    [Fact]
    public void Has_what_a_cluster_needs_under_one_name()
    {
        Type[] types =
        [
            typeof(V1ConfigMap), typeof(V1CronJob), typeof(V1Deployment), typeof(V1NetworkPolicy), typeof(V1PodDisruptionBudget),
            typeof(V1Service),
        ];
        Assert.Equal(types.Select(t => t.Name).Order(), _objects.Select(o => o.GetType().Name).Order());
        Assert.All(_objects.Cast<IMetadata<V1ObjectMeta>>(), o =>
        {
            var name = o is V1CronJob ? $"{Name}-reconcile" : Name;
            Assert.Equal(name, o.Metadata.Name);
            Assert.Equal(name, o.Metadata.Labels["app.kubernetes.io/name"]);
            // Whoever applies them chooses.
            Assert.Null(o.Metadata.NamespaceProperty);
        });
    }

    [Fact]
    public void Every_selector_finds_the_pods()
    {
        var labels = Deployment.Spec.Template.Metadata.Labels;
        List<IDictionary<string, string>> selectors =
        [
            Deployment.Spec.Selector.MatchLabels,
            One<V1Service>().Spec.Selector,
            One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels,
            One<V1NetworkPolicy>().Spec.PodSelector.MatchLabels,
            .. Pod.TopologySpreadConstraints.Select(c => c.LabelSelector.MatchLabels),
        ];
        Assert.All(selectors, selector =>
        {
            Assert.NotEmpty(selector);
            Assert.All(selector, label => Assert.Equal(label.Value, labels[label.Key]));
        });
    }

    [Fact]
    public void Reconciles_every_night_with_the_settings_of_the_silos_and_is_no_silo()
    {
        var job = One<V1CronJob>().Spec;
        Assert.Equal(("Forbid", 0), (job.ConcurrencyPolicy, job.JobTemplate.Spec.BackoffLimit));
        var pod = job.JobTemplate.Spec.Template;
        Assert.Equal("Never", pod.Spec.RestartPolicy);
        Assert.DoesNotContain(One<V1Service>().Spec.Selector, label => pod.Metadata.Labels.Contains(label));
        var container = Assert.Single(pod.Spec.Containers);
        Assert.Equal(Silo.Image, container.Image);
        Assert.Equal("reconcile", container.Args[0]);
        Assert.Empty(GrainSensors.Reconcile.ReconcileCommand.Create().Parse([.. container.Args.Skip(1)]).Errors);
        Assert.Equal(Assert.Single(Silo.EnvFrom).ConfigMapRef.Name, Assert.Single(container.EnvFrom).ConfigMapRef.Name);
        var secret = Assert.Single(container.Env).ValueFrom.SecretKeyRef;
        var silos = Silo.Env.Single(e => e.Name == container.Env[0].Name).ValueFrom.SecretKeyRef;
        Assert.Equal((silos.Name, silos.Key), (secret.Name, secret.Key));
        Assert.Contains(container.Args[container.Args.IndexOf("--temp") + 1], container.VolumeMounts.Select(mount => mount.MountPath));
        Assert.Equal((true, true), (pod.Spec.SecurityContext.RunAsNonRoot, container.SecurityContext.ReadOnlyRootFilesystem));
    }

    [Fact]
    public void The_ports_are_those_of_a_silo_and_referred_to_by_names_that_exist()
    {
        Assert.Equal(
            [("http", HttpOptions.DefaultPort), ("silo", MemberOptions.DefaultSiloPort), ("gateway", MemberOptions.DefaultGatewayPort)],
            Silo.Ports.Select(p => (p.Name, p.ContainerPort)));
        var service = Assert.Single(One<V1Service>().Spec.Ports);
        Assert.Equal((HttpOptions.DefaultPort, "http"), (service.Port, service.TargetPort.Value));
        var allowed = One<V1NetworkPolicy>().Spec.Ingress.SelectMany(rule => rule.Ports).Select(p => p.Port.Value).ToList();
        Assert.All(allowed, port => Assert.Contains(port, Silo.Ports.Select(p => p.Name)));
    }

    [Fact]
    public void Only_silos_reach_the_ports_that_ask_nobody_who_he_is()
    {
        var rules = One<V1NetworkPolicy>().Spec.Ingress;
        Assert.All(rules.Where(rule => rule.Ports.Any(p => p.Port.Value != "http")), rule =>
            Assert.All(Assert.IsType<List<V1NetworkPolicyPeer>>(rule.FromProperty), peer => Assert.NotEmpty(peer.PodSelector.MatchLabels)));
        var toSilos = Assert.Single(rules, rule => rule.Ports.Any(p => p.Port.Value == "silo"));
        Assert.Equal(Name, Assert.Single(toSilos.FromProperty).PodSelector.MatchLabels["app.kubernetes.io/name"]);
    }

    [Fact]
    public void A_silo_reaches_names_Kafka_PostgreSQL_and_silos_only()
    {
        var policy = One<V1NetworkPolicy>().Spec;
        Assert.Equal(["Egress", "Ingress"], policy.PolicyTypes.Order());
        var ports = policy.Egress.SelectMany(rule => rule.Ports).Select(port => port.Port.Value);
        Assert.Equal(["53", "53", "9092", "5432", "silo", "gateway"], ports);
        var toSilos = Assert.Single(policy.Egress, rule => rule.To is not null);
        Assert.Equal(Name, Assert.Single(toSilos.To).PodSelector.MatchLabels["app.kubernetes.io/name"]);
    }

    [Fact]
    public void The_owner_of_the_tables_migrates_before_the_silo_starts_and_the_silo_does_not_know_it()
    {
        var migrate = Assert.Single(Pod.InitContainers);
        Assert.Equal((Silo.Image, "migrate"), (migrate.Image, Assert.Single(migrate.Args)));
        var owner = Assert.Single(migrate.Env);
        Assert.Equal("GrainSensors__Postgres__ConnectionString", owner.Name);
        Assert.DoesNotContain(Silo.Env, e => e.ValueFrom.SecretKeyRef?.Key == owner.ValueFrom.SecretKeyRef.Key);
        var command = RepositoryFiles.Read($"{Folder}/deployment.yaml");
        Assert.Contains($"--from-literal={owner.ValueFrom.SecretKeyRef.Key}=", command, StringComparison.Ordinal);
        Assert.Equal((false, true), (migrate.SecurityContext.AllowPrivilegeEscalation, migrate.SecurityContext.ReadOnlyRootFilesystem));
        Assert.Equal("ALL", Assert.Single(migrate.SecurityContext.Capabilities.Drop));
    }

    [Fact]
    public void The_probes_ask_for_the_pages_that_a_silo_has()
    {
        Assert.Equal(
            new[] { SiloHealth.Startup, SiloHealth.Live, SiloHealth.Ready }.Select(p => ($"{HealthPages.Prefix}/{p}", "http")),
            new[] { Silo.StartupProbe, Silo.LivenessProbe, Silo.ReadinessProbe }.Select(p => (p.HttpGet.Path, p.HttpGet.Port.Value)));
    }

    [Fact]
    public void The_settings_are_ones_that_silos_know_and_take_and_the_same_as_in_Compose()
    {
        var hash = AccessKey.HashText(AccessKey.Generate());
        var fromPod = Silo.Env.ToDictionary(
            e => e.Name,
            e => e.ValueFrom.FieldRef is not null ? "10.1.2.3" : e.Name.EndsWith("Hash", StringComparison.Ordinal) ? hash : "Host=example");
        var environment = One<V1ConfigMap>().Data.Concat(fromPod).ToDictionary();
        var options = DeployedOptions.From(environment);
        Assert.Equal(
            ("10.1.2.3", "0.0.0.0", false),
            (options.Silo.AdvertisedAddress, options.Http.Address.ToString(), new AccessRules(options.Http).IsOpen));
        Assert.Equal("Host=example", options.Postgres.ConnectionString);
        Assert.NotEmpty(options.Kafka.BootstrapServers);

        // Except that only this machine reaches what Compose starts, where nobody is asked for a key.
        Assert.All(ComposeFile.Load().Silos, silo => Assert.Equal(
            silo.Value.Environment.Keys.Except(["GrainSensors__Http__Insecure"]).Order(),
            environment.Keys.Where(key => !key.StartsWith("GrainSensors__Http__Keys__", StringComparison.Ordinal)).Order()));
    }

    [Fact]
    public void Others_than_the_owner_of_a_key_get_in_nowhere()
    {
        var hash = Silo.Env.Single(e => e.Name == "GrainSensors__Http__Keys__0__Hash").ValueFrom.SecretKeyRef;
        Assert.Contains($"--from-literal={hash.Key}=", RepositoryFiles.Read($"{Folder}/deployment.yaml"), StringComparison.Ordinal);
        Assert.DoesNotContain(One<V1ConfigMap>().Data, setting => setting.Key.EndsWith("Insecure", StringComparison.Ordinal));
    }

    [Fact]
    public void The_configuration_is_one_that_exists()
    {
        Assert.Equal(One<V1ConfigMap>().Metadata.Name, Assert.Single(Silo.EnvFrom).ConfigMapRef.Name);
        Assert.Equal("status.podIP", Silo.Env.Single(e => e.Name == "GrainSensors__Silo__AdvertisedAddress").ValueFrom.FieldRef.FieldPath);
        Assert.Equal(Pod.Volumes.Select(v => v.Name), Silo.VolumeMounts.Select(m => m.Name));
    }

    [Fact]
    public void Secrets_are_referred_to_and_never_here()
    {
        Assert.DoesNotContain(_objects, o => o is V1Secret);
        Assert.All(One<V1ConfigMap>().Data, setting => Assert.DoesNotMatch("(?i)password|secret|sasl", $"{setting.Key}={setting.Value}"));
        Assert.All(Silo.Env, variable => Assert.Null(variable.Value));
        var secret = Silo.Env.Single(e => e.Name == "GrainSensors__Postgres__ConnectionString").ValueFrom.SecretKeyRef;
        // The command that makes it is in a comment.
        Assert.Contains(
            $"kubectl create secret generic {secret.Name} --from-literal={secret.Key}=",
            RepositoryFiles.Read($"{Folder}/deployment.yaml"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_the_image_that_Compose_builds_as_a_silo()
    {
        Assert.Equal(ComposeFile.Load().Silos.First().Value.Image, Silo.Image);
        Assert.Equal("silo", Assert.Single(Silo.Args));
        Assert.Null(Silo.Command);
    }

    [Fact]
    public void A_roll_out_and_a_drained_node_take_no_silo_before_another_has_joined()
    {
        var update = Deployment.Spec.Strategy.RollingUpdate;
        Assert.Equal(("0", "1"), (update.MaxUnavailable.Value, update.MaxSurge.Value));
        Assert.True(Deployment.Spec.Replicas >= 3);
        Assert.Equal("1", One<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
        Assert.True(Pod.TerminationGracePeriodSeconds > PipelineHost.ShutdownTimeout.TotalSeconds);
    }

    [Fact]
    public void A_silo_may_do_nothing_but_its_work()
    {
        Assert.Equal((true, true), (Pod.SecurityContext.RunAsNonRoot, Pod.SecurityContext.RunAsUser > 0));
        Assert.Equal("RuntimeDefault", Pod.SecurityContext.SeccompProfile.Type);
        Assert.Equal((false, true), (Silo.SecurityContext.AllowPrivilegeEscalation, Silo.SecurityContext.ReadOnlyRootFilesystem));
        Assert.Equal("ALL", Assert.Single(Silo.SecurityContext.Capabilities.Drop));
        Assert.False(Pod.AutomountServiceAccountToken);
    }

    [Fact]
    public void A_silo_has_memory_of_its_own_and_is_not_throttled()
    {
        Assert.Equal(["cpu", "memory"], Silo.Resources.Requests.Keys.Order());
        Assert.Equal(["memory"], Silo.Resources.Limits.Keys);
    }

    private T One<T>() => Assert.Single(_objects.OfType<T>());
}
