using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Output and exit code of <c>replay</c>.</summary>
[Trait("Category", "System")]
public sealed class ReplayCommandTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task A_malformed_line_is_told_with_its_number_and_the_rest_goes_on()
    {
        var file = await WriteAsync(
            "sensor_id,timestamp,temperature",
            "1,1700000000,20",
            "one,1700000001,20",
            "1,soon,20",
            "1,1700000002,warm",
            "1,1700000003,20,\"open",
            "1,1700000004",
            "1,915148800,20",
            "1,1700000005,20000",
            "",
            "1,1700000006,22");

        var result = await Executable.RunAsync("replay", file, "--json");

        Assert.Equal(3, result.ExitCode);
        using var summary = JsonDocument.Parse(result.Output);
        Assert.Equal(2, summary.RootElement.GetProperty("readings").GetInt32());
        Assert.Equal(7, summary.RootElement.GetProperty("rejected").GetInt32());
        Assert.Equal(1, summary.RootElement.GetProperty("windows").GetInt32());
        Assert.Equal(
            [3, 4, 5, 6, 7, 8, 9],
            summary.RootElement.GetProperty("rejections").EnumerateArray().Select(rejection => rejection.GetProperty("line").GetInt32()));
        Assert.Contains("line 3: sensor_id must be an integer", result.Error, StringComparison.Ordinal);
        Assert.Contains("line 5: temperature must be a number; got \"warm\"", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_replayed_twice_into_one_store_counts_twice()
    {
        var file = await WriteAsync("sensor_id,timestamp,temperature", "1,1700000000,20", "1,1700000001,22");
        var (store, output) = ($"sqlite:{_folder.File("windows.db")}", _folder.File("windows.csv"));

        await Executable.RunAsync("replay", file, "--store", store);
        var result = await Executable.RunAsync("replay", file, "--store", store, "--output", output);

        Assert.True(result.ExitCode == 0, result.ToString());
        var row = Assert.Single(await Exactness.WindowsFile.ReadAsync(output));
        Assert.Equal((4, 21.0, 1), (row.Window.Count, row.Window.Mean, row.Revision));
    }

    [Theory]
    [InlineData("there is no such file", "replay", "missing.csv")]
    [InlineData("no column timestamp", "replay", "{no-timestamp}")]
    [InlineData("is empty", "replay", "{empty}")]
    [InlineData("P1M", "replay", "{good}", "--period", "P1M")]
    [InlineData("fast", "replay", "{good}", "--speed", "fast")]
    [InlineData("mysql:", "replay", "{good}", "--store", "mysql:db")]
    [InlineData("127.0.0.1:1", "replay", "{good}", "--store", "postgres:Host=127.0.0.1;Port=1;Username=u;Password=topsecret;Database=d")]
    [InlineData("127.0.0.1:1", "replay", "{good}", "--kafka", "127.0.0.1:1")]
    [InlineData("--produce-only requires --kafka", "replay", "{good}", "--produce-only")]
    [InlineData("--nonsense", "replay", "{good}", "--nonsense")]
    [InlineData("Cannot write /nowhere/windows.csv", "replay", "{good}", "--output", "/nowhere/windows.csv")]
    [InlineData("--sensors must be an integer from 0 to 10000000; got \"many\".", "run", "--sensors", "many")]
    [InlineData("Unknown command \"frobnicate\"", "frobnicate")]
    public async Task What_cannot_run_is_one_sentence_and_exit_code_2(string offender, params string[] arguments)
    {
        var files = new Dictionary<string, string>
        {
            ["{good}"] = await WriteAsync("sensor_id,timestamp,temperature", "1,1700000000,20"),
            ["{no-timestamp}"] = await WriteAsync("sensor_id,temperature", "1,20"),
            ["{empty}"] = await WriteAsync(),
        };

        var result = await Command.RunAsync([.. arguments.Select(argument => files.GetValueOrDefault(argument, argument))]);

        result.AssertCouldNotRun(offender == "there is no such file" ? "missing.csv" : offender);
        Assert.DoesNotContain("topsecret", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> WriteAsync(params string[] lines)
    {
        var path = _folder.File($"{Guid.NewGuid():N}.csv");
        await File.WriteAllLinesAsync(path, lines);
        return path;
    }
}
