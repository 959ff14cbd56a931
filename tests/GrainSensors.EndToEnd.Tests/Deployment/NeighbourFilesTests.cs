using System.Text.RegularExpressions;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Hosting.Health;
using YamlDotNet.RepresentationModel;

namespace GrainSensors.EndToEnd.Tests.Deployment;

/// <summary>The configurations of proxy, Prometheus, Grafana and PostgreSQL name what docker-compose.yml has.</summary>
public sealed class NeighbourFilesTests
{
    private readonly ComposeFile _file = ComposeFile.Load();

    private IEnumerable<string> SiloPages => _file.Silos.Select(s => $"{s.Key}:{HttpOptions.DefaultPort}").Order();

    [Fact]
    public void The_proxy_sends_requests_to_all_silos_that_are_ready()
    {
        var caddyfile = RepositoryFiles.Read("deploy/caddy/Caddyfile");
        Assert.Equal(SiloPages, Regex.Match(caddyfile, @"reverse_proxy (.+) \{").Groups[1].Value.Split(' ').Order());
        Assert.Equal($"{HealthPages.Prefix}/{SiloHealth.Ready}", Regex.Match(caddyfile, @"health_uri (\S+)").Groups[1].Value);
    }

    [Fact]
    public void The_proxy_listens_where_its_port_is_published()
    {
        var listens = Regex.Match(RepositoryFiles.Read("deploy/caddy/Caddyfile"), @"^:(\d+) \{", RegexOptions.Multiline).Groups[1].Value;
        Assert.EndsWith($":{listens}", Assert.Single(_file.Services["console"].Ports), StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_for_HTTPS_makes_browsers_keep_to_it()
    {
        var caddyfile = RepositoryFiles.Read("deploy/caddy/Caddyfile");
        var example = caddyfile[caddyfile.IndexOf("#sensors.example.com {", StringComparison.Ordinal)..];
        Assert.Contains("Strict-Transport-Security \"max-age=31536000\"", example, StringComparison.Ordinal);
        Assert.Contains("import silos", example, StringComparison.Ordinal);
    }

    [Fact]
    public void Prometheus_looks_at_all_silos()
    {
        var jobs = (YamlSequenceNode)Load("deploy/prometheus/prometheus.yml")["scrape_configs"];
        var job = Assert.Single(jobs, j => (string?)j["job_name"] == "grainsensors");
        Assert.Equal(SiloPages, Strings(job["static_configs"][0]["targets"]).Order());
    }

    [Fact]
    public void Grafana_reads_from_services_that_exist()
    {
        var sources = (YamlSequenceNode)Load("deploy/grafana/datasources/datasources.yaml")["datasources"];
        Assert.Equal(["grafana-postgresql-datasource", "prometheus"], sources.Select(s => (string?)s["type"]));
        Assert.Equal(["postgres:5432", "http://prometheus:9090"], sources.Select(s => (string?)s["url"]));
        Assert.All(
            ["postgres", "prometheus"],
            service => Assert.Contains(service, (IReadOnlyDictionary<string, ComposeService>)_file.Services));
        Assert.Equal(_file.Services["postgres"].Environment["POSTGRES_DB"], (string?)sources[0]["jsonData"]["database"]);
    }

    [Fact]
    public void Grafana_has_a_role_of_its_own_with_a_password_from_the_environment()
    {
        var source = Load("deploy/grafana/datasources/datasources.yaml")["datasources"][0];
        var script = RepositoryFiles.Read("deploy/postgres/grafana-role.sh");
        Assert.Contains($"CREATE ROLE {(string?)source["user"]} ", script, StringComparison.Ordinal);
        var password = (string?)source["secureJsonData"]["password"];
        Assert.StartsWith("$", password, StringComparison.Ordinal);
        Assert.Equal(
            _file.Services["postgres"].Environment[password![1..]],
            Assert.Contains(password[1..], (IReadOnlyDictionary<string, string>)_file.Services["grafana"].Environment));
    }

    private static YamlNode Load(string path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(RepositoryFiles.Read(path)));
        return Assert.Single(yaml.Documents).RootNode;
    }

    private static IEnumerable<string> Strings(YamlNode list) => ((YamlSequenceNode)list).Select(item => (string)item!);
}
