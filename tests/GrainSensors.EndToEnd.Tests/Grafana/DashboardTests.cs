using System.Text.Json.Nodes;
using GrainSensors.EndToEnd.Tests.Deployment;
using YamlDotNet.RepresentationModel;

namespace GrainSensors.EndToEnd.Tests.Grafana;

/// <summary>Checks that Grafana can load the dashboards: they are complete and distinct, and use provisioned data sources.</summary>
public sealed class DashboardTests
{
    [Fact]
    public void There_are_the_three_that_are_documented() =>
        Assert.Equal(["alerts.json", "pipeline.json", "sensors.json"], Dashboard.All.Select(d => d.File));

    [Fact]
    public void Each_has_a_name_of_its_own_and_numbered_panels() => Assert.All(Dashboard.All, dashboard =>
    {
        Assert.Single(Dashboard.All, other => other.Uid == dashboard.Uid);
        Assert.Distinct(dashboard.Panels.Select(panel => panel["id"]!.GetValue<int>()));
        Assert.All(dashboard.Panels, panel => Assert.False(string.IsNullOrEmpty(panel["title"]!.GetValue<string>())));
    });

    [Fact]
    public void No_panel_lies_on_another() => Assert.All(Dashboard.All, dashboard =>
    {
        var cells = dashboard.Panels.SelectMany(panel => Cells(panel["gridPos"]!)).ToList();
        Assert.Distinct(cells);
        Assert.All(cells, cell => Assert.InRange(cell.X, 0, 23));
    });

    [Fact]
    public void They_ask_the_data_sources_that_are_provisioned()
    {
        var sources = Sources();
        Assert.All(Dashboard.All.SelectMany(d => d.Panels).SelectMany(panel => panel["targets"]!.AsArray().Prepend(panel)), part =>
        {
            var source = part!["datasource"]!;
            Assert.Equal(source["type"]!.GetValue<string>(), Assert.Contains(source["uid"]!.GetValue<string>(), sources));
        });
    }

    [Fact]
    public void Compose_mounts_them_where_Grafana_looks()
    {
        var grafana = ComposeFile.Load().Services["grafana"];
        const string Mounted = "/etc/grafana/provisioning/dashboards";
        Assert.Contains($"./{Dashboard.Folder}:{Mounted}:ro", grafana.Volumes);
        var provider = Assert.Single((YamlSequenceNode)Yaml($"{Dashboard.Folder}/dashboards.yaml")["providers"]);
        Assert.Equal(Mounted, (string?)provider["options"]["path"]);
        var home = grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"];
        Assert.True(RepositoryFiles.Exists(home.Replace(Mounted, Dashboard.Folder, StringComparison.Ordinal)));
    }

    private static Dictionary<string, string> Sources() =>
        ((YamlSequenceNode)Yaml("deploy/grafana/datasources/datasources.yaml")["datasources"])
            .ToDictionary(source => (string)source["uid"]!, source => (string)source["type"]!);

    private static YamlNode Yaml(string path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(RepositoryFiles.Read(path)));
        return Assert.Single(yaml.Documents).RootNode;
    }

    private static IEnumerable<(int X, int Y)> Cells(JsonNode position)
    {
        int Of(string name) => position[name]!.GetValue<int>();
        return from x in Enumerable.Range(Of("x"), Of("w")) from y in Enumerable.Range(Of("y"), Of("h")) select (x, y);
    }
}
