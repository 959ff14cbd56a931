using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The command silence while a pipeline writes its SQLite file.</summary>
[Trait("Category", "System")]
public sealed class SilenceApiCommandTests(ApiServer server) : IClassFixture<ApiServer>
{
    private string Url => $"{server.Http.BaseAddress}";

    [Fact]
    public async Task Silences_are_added_listed_and_ended_through_the_API()
    {
        var added = await RunAsync(
            "add", "--match", "city=~V.*", "--match", "kind=extreme", "--for", "2h", "--by", "Ada", "--reason", "probe");
        Assert.Matches("^[0-9a-f-]+  {city=~\"V.*\", kind=\"extreme\"} until [0-9T:.-]+Z, by Ada: probe$", added.Output);
        Assert.Contains("Adding a silence to the silo at http", added.Error, StringComparison.Ordinal);
        Assert.Equal(added.Output, (await RunAsync("list")).Output);
        var listed = JsonSerializer.Deserialize<JsonElement>((await RunAsync("list", "--json")).Output)[0];
        Assert.Equal(
            ["city=~\"V.*\"", "kind=\"extreme\""], listed.GetProperty("matchers").EnumerateArray().Select(text => text.GetString()));

        var id = listed.GetProperty("id").GetString()!;
        Assert.Equal(0, (await RunAsync("end", id)).ExitCode);
        (await RunAsync("end", id)).AssertCouldNotRun("is unknown or has ended");
        Assert.Equal("", (await RunAsync("list")).Output);

        await server.Store.Sensors.WriteAsync([new(7)], TestContext.Current.CancellationToken);
        Assert.Contains(
            "  sensor 7 until ", (await RunAsync("add", "--sensor", "7", "--until", "2190-01-01", "--reason", "x")).Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "Sensor \"bath\" is unknown", (await RunAsync("add", "--sensor", "bath", "--for", "1h", "--reason", "x")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_is_not_there_is_named()
    {
        var refused = await Command.RunAsync("silence", "list", "--url", "http://127.0.0.1:1");
        refused.AssertCouldNotRun("No silo answers at http://127.0.0.1:1");
    }

    private Task<Executable.Result> RunAsync(params string[] arguments) => Command.RunAsync(["silence", .. arguments, "--url", Url]);
}
