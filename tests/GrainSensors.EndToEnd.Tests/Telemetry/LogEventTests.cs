namespace GrainSensors.EndToEnd.Tests.Telemetry;

/// <summary>Every log event has a number of its own, by which a person finds it in docs/observability.md.</summary>
public sealed class LogEventTests
{
    [Fact]
    public void Every_event_has_a_number_of_its_own() => Assert.Empty(
        LogEvent.All.GroupBy(e => e.Id).Where(same => same.Count() > 1)
            .Select(same => $"{same.Key} is {string.Join(" and ", same.Select(e => e.Method))}"));

    [Fact]
    public void Every_number_is_one_of_its_floor() => Assert.All(LogEvent.All, e =>
    {
        var thousands = LogEvent.Thousands[e.Floor];
        Assert.True(e.Id / 1000 == thousands, $"{e.Method} has {e.Id}; give it a number from {thousands}000 to {thousands}999.");
    });

    [Fact]
    public void There_are_events_of_every_floor_that_logs() => Assert.Superset(
        new HashSet<string>(
            ["GrainSensors.Ingest", "GrainSensors.Storage", "GrainSensors.Grains", "GrainSensors.Hosting", "GrainSensors.Web"]),
        LogEvent.All.Select(e => e.Floor).ToHashSet());

    [Fact]
    public void The_table_of_events_is_true()
    {
        var rows = RepositoryFiles.Read("docs/observability.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .ToList();
        var expected = LogEvent.All.Select(e => e.Row).ToList();
        Assert.True(rows.SequenceEqual(expected), $"The rows of docs/observability.md have to be:\n{string.Join('\n', expected)}");
    }
}
