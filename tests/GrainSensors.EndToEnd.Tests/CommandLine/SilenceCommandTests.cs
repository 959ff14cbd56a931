using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>silence add</c>, <c>list</c> and <c>end</c>.</summary>
[Trait("Category", "System")]
public sealed class SilenceCommandTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();

    private string Store => $"sqlite:{_folder.File("windows.db")}";

    public async ValueTask InitializeAsync() => Assert.Equal(0, (await Command.RunAsync("migrate", "--store", Store)).ExitCode);

    [Fact]
    public async Task A_silence_says_of_whom_until_when_by_whom_and_why_and_can_be_ended()
    {
        var until = DateTime.UtcNow.AddHours(3).ToString("yyyy-MM-dd'T'HH:mm'Z'", null);
        await RunAsync("add", "--sensor", "7", "--for", "2h", "--by", "Ada", "--reason", "new probe");
        await RunAsync("add", "--all", "--until", until, "--by", "Bob", "--reason", "network maintenance");

        var list = JsonSerializer.Deserialize<JsonElement>(await RunAsync("list", "--json")).EnumerateArray().ToList();
        Assert.Equal(2, list.Count);
        var (mine, all) = (list[0], list[1]);
        Assert.Equal(
            (7, "Ada", "new probe"),
            (mine.GetProperty("sensor_id").GetInt32(), mine.GetProperty("by").GetString(), mine.GetProperty("reason").GetString()));
        Assert.InRange(mine.GetProperty("ends_at").GetDateTime(), DateTime.UtcNow.AddMinutes(115), DateTime.UtcNow.AddMinutes(120));
        Assert.Equal(JsonValueKind.Null, all.GetProperty("sensor_id").ValueKind);
        Assert.Equal(until[..^1] + ":00Z", all.GetProperty("ends_at").GetString());

        await RunAsync("end", mine.GetProperty("id").GetString()!);
        Assert.Matches($"^[0-9a-f-]+  all sensors until {until[..^1]}:00Z, by Bob: network maintenance$", await RunAsync("list"));
    }

    [Theory]
    [InlineData("--sensor", "--for", "2h", "--reason", "x")]
    [InlineData("--for", "--all", "--reason", "x")]
    [InlineData("--until", "--all", "--until", "2020-01-01", "--reason", "x")]
    [InlineData("--until", "--all", "--until", "tomorrow", "--reason", "x")]
    [InlineData("--for", "--all", "--for", "long", "--reason", "x")]
    [InlineData("--match must be LABEL=VALUE", "--match", "city", "--for", "2h", "--reason", "x")]
    [InlineData("--match must not be empty", "--match", "", "--for", "2h", "--reason", "x")]
    [InlineData("--match has an invalid regular expression", "--match", "city=~(", "--for", "2h", "--reason", "x")]
    [InlineData("--match must have a condition that an absent label", "--match", "city=~.*", "--for", "2h", "--reason", "x")]
    [InlineData("one of --sensor, --match and --all", "--match", "city=Vigo", "--all", "--for", "2h", "--reason", "x")]
    [InlineData("--store or --url", "--all", "--for", "2h", "--reason", "x", "--url", "http://localhost:1")]
    [InlineData("must be after --from", "--all", "--from", "2190-01-02", "--until", "2190-01-01", "--reason", "x")]
    public async Task What_is_no_silence_is_refused(string offender, params string[] arguments)
    {
        var result = await Command.RunAsync(["silence", "add", .. arguments, "--store", Store]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(offender, result.Error, StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("list"));
    }

    [Fact]
    public async Task A_silence_selects_by_labels_and_may_begin_later()
    {
        var line = await RunAsync(
            "add", "--match", "city=~\"Val.*\"", "--match", "severity=warning", "--from", "2190-01-01T01:00+01:00", "--for", "90m", "--by",
            "Ada", "--reason", "x");
        Assert.EndsWith(
            "{city=~\"Val.*\", severity=\"warning\"} from 2190-01-01T00:00:00Z until 2190-01-01T01:30:00Z, by Ada: x", line,
            StringComparison.Ordinal);
        Assert.Equal(line, await RunAsync("list"));
        var listed = JsonSerializer.Deserialize<JsonElement>(await RunAsync("list", "--json"))[0];
        Assert.Equal(
            ("city=~\"Val.*\"", "pending", JsonValueKind.Null),
            (listed.GetProperty("matchers")[0].GetString(), listed.GetProperty("status").GetString(),
                listed.GetProperty("sensor_id").ValueKind));
        await RunAsync("end", listed.GetProperty("id").GetString()!);
        Assert.Equal("[]", await RunAsync("list", "--json"));
    }

    [Fact]
    public async Task One_that_is_not_there_cannot_be_ended() =>
        (await Command.RunAsync("silence", "end", $"{Guid.NewGuid()}", "--store", Store)).AssertCouldNotRun("is unknown or has ended");

    [Fact]
    public async Task An_id_that_is_none_is_named() =>
        (await Command.RunAsync("silence", "end", "nope", "--store", Store)).AssertCouldNotRun("got \"nope\"");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Command.RunAsync(["silence", .. arguments, "--store", Store]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }
}
