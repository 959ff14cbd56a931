using System.Globalization;
using System.Text.RegularExpressions;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using GrainSensors.Hosting.Pipeline;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>docker-compose.yml fits the silos, the image and the files of the repository, as far as reading can tell.</summary>
public sealed class ComposeFileTests
{
    private readonly ComposeFile _file = ComposeFile.Load();

    [Fact]
    public void Brings_a_cluster_with_everything_that_it_needs()
    {
        string[] others = ["kafka", "postgres", "console", "prometheus", "grafana"];
        Assert.Superset(others.ToHashSet(), _file.Services.Keys.ToHashSet());
        Assert.Equal(3, _file.Silos.Count());
    }

    [Fact]
    public void Simulates_sensors_only_when_asked_to()
    {
        var produce = Assert.Single(_file.Services, s => s.Value.Profiles.Contains("demo"));
        Assert.Equal(("produce", "demo"), (produce.Key, Assert.Single(produce.Value.Profiles)));
        Assert.Equal("produce", produce.Value.Command[0]);
        var options = DeployedOptions.From(produce.Value.Environment);
        Assert.Equal(_file.Services["silo-1"].Environment["GrainSensors__Kafka__BootstrapServers"], options.Kafka.BootstrapServers);
    }

    [Fact]
    public void Starts_the_same_images_tomorrow() => Assert.All(_file.Services.Values, service => ImageName.AssertPinned(service.Image));

    [Fact]
    public void Builds_one_image_of_this_version_once_and_never_fetches_it()
    {
        var version = Regex.Match(RepositoryFiles.Read("Directory.Build.props"), "<Version>(.+)</Version>").Groups[1].Value;
        var own = _file.Services.Values.Where(s => s.Image == $"grainsensors:{version}").ToList();
        string[] others = ["migrate", "produce", "reconcile"];
        Assert.Equal(_file.Silos.Count() + others.Length, own.Count);
        Assert.All(others, name => Assert.Contains(_file.Services[name], own));
        var builder = Assert.Single(own, s => s.Build is not null);
        Assert.True(RepositoryFiles.Exists(Path.Combine(builder.Build!.Context, builder.Build.Dockerfile)));
        Assert.Equal(".", builder.Build.Context);
        Assert.All(own, service => Assert.Equal(service == builder ? "build" : "never", service.PullPolicy));
    }

    [Theory]
    [InlineData("reconcile", "local")]
    [InlineData("reconcile-spark", "spark")]
    public void Reconciles_once_when_asked_to_what_the_silos_have_written(string name, string engine)
    {
        var job = _file.Services[name];
        Assert.Equal(("no", 1), (job.Restart, job.Profiles.Count));
        Assert.Equal("service_healthy", job.DependsOn["silo-1"].Condition);
        var arguments = job.Command.Skip(1).Select(word => ComposeFile.Interpolate(word, ""));
        Assert.Empty(GrainSensors.Reconcile.ReconcileCommand.Create().Parse([.. arguments]).Errors);
        Assert.Equal(("reconcile", engine), (job.Command[0], job.Command[job.Command.IndexOf("--engine") + 1]));
        var options = DeployedOptions.From(job.Environment);
        var silo = _file.Silos.First().Value.Environment;
        Assert.Equal(silo["GrainSensors__Kafka__BootstrapServers"], options.Kafka.BootstrapServers);
        Assert.Equal(silo["GrainSensors__Postgres__ConnectionString"], job.Environment["GrainSensors__Postgres__ConnectionString"]);
    }

    [Fact]
    public void Runs_Spark_of_the_version_that_the_jars_are_for_and_names_jars_that_the_image_has()
    {
        var dockerfile = RepositoryFiles.Read(_file.Services["spark"].Build!.Dockerfile);
        var spark = Regex.Match(dockerfile, @"^FROM apache/spark:([\d.]+)-scala([\d.]+)-", RegexOptions.Multiline);
        var job = _file.Services["reconcile-spark"];
        Assert.Equal(_file.Services["spark"].Image, job.Image);
        var jars = job.Command
            .Where(word => word.StartsWith("/opt/jars/", StringComparison.Ordinal))
            .SelectMany(words => words.Split(','))
            .ToList();
        Assert.Contains($"/opt/jars/spark-sql-kafka-0-10_{spark.Groups[2].Value}-{spark.Groups[1].Value}.jar", jars);
        Assert.Equal(5, jars.Count);
        Assert.All(jars, jar => Assert.Contains($"/{Path.GetFileName(jar)} ", dockerfile, StringComparison.Ordinal));
        Assert.Contains("-p:UseSpark=true -o /out/spark", dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_open_to_this_machine_only()
    {
        var ports = _file.Services.Values.SelectMany(s => s.Ports).Select(p => ComposeFile.Interpolate(p, "")).ToList();
        Assert.NotEmpty(ports);
        Assert.All(ports, port => Assert.Matches(@"^127\.0\.0\.1:\d+:\d+$", port));
        Assert.Distinct(ports.Select(p => p.Split(':')[1]));
    }

    [Fact]
    public void Waits_only_for_services_that_exist_and_for_health_that_is_checked() =>
        Assert.All(_file.Services.Values.SelectMany(s => s.DependsOn), dependency =>
        {
            var service = Assert.Contains(dependency.Key, (IReadOnlyDictionary<string, ComposeService>)_file.Services);
            if (dependency.Value.Condition == "service_completed_successfully")
            {
                Assert.Equal("no", service.Restart);
            }
            else if (dependency.Value.Condition != "service_started")
            {
                Assert.Equal("service_healthy", dependency.Value.Condition);
                Assert.True(service.Healthcheck is { Test.Count: > 1 }, $"The health of {dependency.Key} is waited for and never checked.");
            }
        });

    [Fact]
    public void Starts_silos_when_Kafka_and_PostgreSQL_are_healthy_and_sensors_when_a_silo_is()
    {
        string[] servers = ["kafka", "postgres"];
        const string Healthy = "service_healthy";
        Assert.All(_file.Silos, silo => Assert.All(servers, server => Assert.Equal(Healthy, silo.Value.DependsOn[server].Condition)));
        Assert.Contains(
            _file.Services["produce"].DependsOn,
            d => d.Key.StartsWith("silo-", StringComparison.Ordinal) && d.Value.Condition == Healthy);
    }

    [Fact]
    public void Migrates_as_the_owner_before_silos_start_with_a_role_that_owns_nothing()
    {
        var migrate = _file.Services["migrate"];
        Assert.Equal("migrate", Assert.Single(migrate.Command));
        Assert.Equal("service_healthy", migrate.DependsOn["postgres"].Condition);
        Assert.All(_file.Silos, silo => Assert.Equal("service_completed_successfully", silo.Value.DependsOn["migrate"].Condition));
        var server = _file.Services["postgres"].Environment;
        AssertConnects(migrate, server["POSTGRES_USER"], server["POSTGRES_PASSWORD"]);
        Assert.All(_file.Silos, silo => AssertConnects(silo.Value, "grainsensors_silo", server["SILO_DB_PASSWORD"]));
        Assert.Contains("CREATE ROLE grainsensors_silo ", RepositoryFiles.Read("deploy/postgres/silo-role.sh"), StringComparison.Ordinal);
        Assert.Contains("./deploy/postgres/silo-role.sh", _file.Services["postgres"].MountedFiles);

        static void AssertConnects(ComposeService service, string user, string password) => Assert.Equal(
            $"Host=postgres;Database=grainsensors;Username={user};Password={password}",
            service.Environment["GrainSensors__Postgres__ConnectionString"]);
    }

    [Fact]
    public void Gives_every_container_no_more_rights_and_memory_than_it_needs()
    {
        Assert.All(_file.Services.Values, service =>
        {
            Assert.Equal("ALL", Assert.Single(service.CapDrop));
            Assert.Equal("no-new-privileges:true", Assert.Single(service.SecurityOpt));
            Assert.NotEmpty(service.MemLimit);
        });

        // Kafka, PostgreSQL and Spark write beside their volumes.
        Assert.Equal(["kafka", "postgres", "spark"], _file.Services.Where(s => !s.Value.ReadOnly).Select(s => s.Key).Order());
    }

    [Fact]
    public void Mounts_only_what_exists()
    {
        Assert.NotEmpty(_file.Services.Values.SelectMany(s => s.MountedFiles));
        Assert.All(
            _file.Services.Values.SelectMany(s => s.MountedFiles),
            file => Assert.True(RepositoryFiles.Exists(file), $"{file} does not exist."));
        Assert.Equal(_file.Volumes.Keys.Order(), _file.Services.Values.SelectMany(s => s.MountedVolumes).Distinct().Order());
    }

    [Fact]
    public void Gives_silos_only_settings_that_they_know_and_take() => Assert.All(_file.Silos, silo =>
    {
        var options = Options(silo.Value);
        Assert.Equal(silo.Key, silo.Value.Hostname);
        Assert.Equal(silo.Key, options.Silo.AdvertisedAddress);
        Assert.Equal("0.0.0.0", options.Http.Address.ToString());
        Assert.StartsWith("Host=postgres;", options.Postgres.ConnectionString, StringComparison.Ordinal);
    });

    [Fact]
    public void Makes_all_silos_members_of_one_cluster()
    {
        var silos = _file.Silos
            .Select(s => s.Value.Environment.Where(e => e.Key != "GrainSensors__Silo__AdvertisedAddress").OrderBy(e => e.Key).ToList())
            .ToList();
        Assert.All(silos, silo => Assert.Equal(silos[0], silo));
        var partitions = silos[0].Single(e => e.Key == "GrainSensors__Kafka__Partitions").Value;
        Assert.True(int.Parse(partitions, CultureInfo.InvariantCulture) >= silos.Count);
    }

    [Fact]
    public void Points_silos_at_the_listener_that_Kafka_advertises_to_containers()
    {
        var kafka = _file.Services["kafka"];
        var advertised = kafka.Environment["KAFKA_ADVERTISED_LISTENERS"]
            .Split(',')
            .Select(l => l.Split("://"))
            .ToDictionary(l => l[0], l => l[1]);
        var listened = kafka.Environment["KAFKA_LISTENERS"].Split(',').Select(l => l.Split("://")).ToDictionary(l => l[0], l => l[1]);
        var servers = _file.Silos.First().Value.Environment["GrainSensors__Kafka__BootstrapServers"];
        Assert.Contains("CONTAINERS", advertised.Where(l => l.Value == servers).Select(l => l.Key));
        Assert.Equal($"kafka{listened["CONTAINERS"]}", servers);
        Assert.Equal($"{advertised["HOST"]}{listened["HOST"]}", Assert.Single(kafka.Ports));
    }

    [Fact]
    public void Asks_one_broker_for_one_copy()
    {
        var copies = _file.Services["kafka"].Environment.Where(e => Regex.IsMatch(e.Key, "REPLICATION_FACTOR|MIN_ISR")).ToList();
        Assert.Equal(5, copies.Count);
        Assert.All(copies, setting => Assert.Equal("1", setting.Value));
        Assert.Equal("1", _file.Silos.First().Value.Environment["GrainSensors__Kafka__ReplicationFactor"]);
    }

    [Fact]
    public void Lets_a_silo_drain_and_starts_it_again() => Assert.All(_file.Silos, silo =>
    {
        var patience = int.Parse(silo.Value.StopGracePeriod.TrimEnd('s'), CultureInfo.InvariantCulture);
        Assert.True(patience > PipelineHost.ShutdownTimeout.TotalSeconds);
        Assert.Equal("unless-stopped", silo.Value.Restart);
    });

    [Fact]
    public void Checks_a_silo_at_its_port_for_being_ready() => Assert.All(_file.Silos, silo =>
    {
        var request = silo.Value.Healthcheck!.Test[^1];
        var port = Options(silo.Value).Http.Port ?? HttpOptions.DefaultPort;
        Assert.Contains($"/dev/tcp/127.0.0.1/{port} ", request, StringComparison.Ordinal);
        Assert.Contains($"GET {HealthPages.Prefix}/{SiloHealth.Ready} HTTP", request, StringComparison.Ordinal);
    });

    [Fact]
    public void Holds_no_secrets()
    {
        var secrets = _file.Services.Values.SelectMany(s => s.Environment)
            .Where(e => Regex.IsMatch($"{e.Key}={e.Value}", "password|secret|token", RegexOptions.IgnoreCase)).ToList();
        Assert.NotEmpty(secrets);
        Assert.All(secrets, secret => Assert.Matches(@"(^|Password=)\$\{\w+:\?[^}]+\}$", secret.Value));
    }

    [Fact]
    public void Has_an_example_of_its_environment_without_secrets()
    {
        var example = RepositoryFiles.Read("deploy/compose.env.example").Split('\n')
            .Select(line => Regex.Match(line, @"^(?<off>#?)(?<name>[A-Z_]+)=(?<value>.*)$")).Where(m => m.Success).ToList();
        var used = ComposeFile.Variable.Matches(RepositoryFiles.Read("docker-compose.yml")).ToList();
        Assert.Equal(used.Select(m => m.Groups["name"].Value).Distinct().Order(), example.Select(m => m.Groups["name"].Value).Order());
        Assert.All(used, variable =>
        {
            var line = example.Single(m => m.Groups["name"].Value == variable.Groups["name"].Value);
            var isRequired = variable.Groups["message"].Success;
            Assert.Equal(isRequired ? "" : "#", line.Groups["off"].Value);
            Assert.Equal(isRequired ? "" : variable.Groups["default"].Value, line.Groups["value"].Value);
        });
    }

    private static PipelineOptions Options(ComposeService silo) =>
        DeployedOptions.From(silo.Environment.Select(e => KeyValuePair.Create(e.Key, ComposeFile.Interpolate(e.Value, "example"))));
}
