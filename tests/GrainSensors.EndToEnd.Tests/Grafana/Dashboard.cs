using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GrainSensors.EndToEnd.Tests.Grafana;

/// <summary>A provisioned dashboard and its panels.</summary>
internal sealed partial record Dashboard(string File, JsonNode Root)
{
    public const string Folder = "deploy/grafana/dashboards";

    public static IReadOnlyList<Dashboard> All { get; } =
    [
        .. Directory.GetFiles(RepositoryFiles.PathOf(Folder), "*.json").Order()
            .Select(file => new Dashboard(Path.GetFileName(file), JsonNode.Parse(System.IO.File.ReadAllText(file))!)),
    ];

    public string Uid => Root["uid"]!.GetValue<string>();

    public IReadOnlyList<JsonNode> Panels => [.. Root["panels"]!.AsArray().Select(panel => panel!)];

    public IReadOnlyList<JsonNode> Variables => [.. Root["templating"]!["list"]!.AsArray().Select(variable => variable!)];

    /// <summary>Every query to PostgreSQL, of panels and variables, as Grafana sends it for the last day.</summary>
    /// <param name="now">The end of the time that is shown.</param>
    public IEnumerable<(string Panel, string Sql)> SqlQueries(DateTime now)
    {
        foreach (var variable in Variables)
        {
            yield return ($"variable {variable["name"]}", variable["query"]!.GetValue<string>());
        }

        foreach (var panel in Panels)
        {
            foreach (var target in panel["targets"]!.AsArray().Where(target => target!["rawSql"] is not null))
            {
                yield return (panel["title"]!.GetValue<string>(), Expand(target!["rawSql"]!.GetValue<string>(), now));
            }
        }
    }

    public IEnumerable<(string Panel, string Expression)> PrometheusQueries() =>
        from panel in Panels
        from target in panel["targets"]!.AsArray()
        where target!["expr"] is not null
        select (panel["title"]!.GetValue<string>(), target["expr"]!.GetValue<string>());

    public override string ToString() => File;

    /// <summary>Macros and variables, as Grafana's data source for PostgreSQL expands them.</summary>
    private string Expand(string sql, DateTime now)
    {
        var (from, to) = (Literal(now.AddDays(-1)), Literal(now));
        sql = TimeFilter().Replace(sql, match => $"{match.Groups[1].Value} BETWEEN {from} AND {to}");
        sql = TimeGroup().Replace(sql, match =>
        {
            var name = match.Groups["alias"].Success ? " AS \"time\"" : "";
            return $"floor(extract(epoch from {match.Groups["column"].Value})/300)*300{name}";
        });
        sql = sql.Replace("$__timeFrom()", from, StringComparison.Ordinal).Replace("$__timeTo()", to, StringComparison.Ordinal);
        foreach (var variable in Variables)
        {
            var current = variable["current"]!["value"]!;
            var value = current is JsonArray values ? string.Join(',', values.Select(v => $"'{v}'")) : current.GetValue<string>();
            sql = Regex.Replace(sql, $@"\${variable["name"]}\b", value);
        }

        Assert.DoesNotContain("$", sql, StringComparison.Ordinal);
        return sql;
    }

    private static string Literal(DateTime time) => $"'{time:yyyy-MM-dd'T'HH:mm:ss'Z'}'";

    [GeneratedRegex(@"\$__timeFilter\(((?:[^()']|'[^']*')+)\)")]
    private static partial Regex TimeFilter();

    [GeneratedRegex(@"\$__timeGroup(?<alias>Alias)?\((?<column>[\w.]+), \$__interval(, 0)?\)")]
    private static partial Regex TimeGroup();
}
