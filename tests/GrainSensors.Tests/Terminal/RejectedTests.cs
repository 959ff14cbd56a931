using System.Text.Json;
using GrainSensors.Core.Readings;
using GrainSensors.Ingest.Status;
using GrainSensors.Replay;
using GrainSensors.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace GrainSensors.Tests.Terminal;

/// <summary>Counts of rejected messages are followed by their reasons.</summary>
public sealed class RejectedTests
{
    private readonly RejectCounts _rejects = new();

    public RejectedTests()
    {
        _rejects.Add(RejectReason.NotJson);
        _rejects.Add(RejectReason.Tombstone);
        _rejects.Add(RejectReason.NotJson);
    }

    [Fact]
    public void The_line_of_run_names_them()
    {
        var line = new StatusLine(new FakeTimeProvider()).Next(new(new(10, 0, 0, 0, 0, _rejects), []), null);

        Assert.EndsWith(", 3 rejected: 2 not-json, 1 tombstone", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_of_a_replay_names_them_as_text_and_as_JSON()
    {
        var summary = new ReplaySummary("a.csv", 10, 1, 3, 0, 1, 1, 1, "kafka", "store", null, null, null, [], _rejects.ByReason, []);

        Assert.Contains("\ndead letters: 2 not-json, 1 tombstone\n", summary.ToText(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(summary.ToJson());
        Assert.Equal(2, json.RootElement.GetProperty("dead_letters").GetProperty("not-json").GetInt64());
    }
}
