using System.Diagnostics;
using System.IO.Compression;
using System.Text;
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
            "7.0,1700000001,20",
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

    [Fact]
    public async Task A_recording_comes_from_gzip_a_pipe_or_standard_input()
    {
        var text = "sensor_id,timestamp,temperature\n1,1700000000,20\n1,1700000001,22\n";
        await using (var gzip = new GZipStream(File.Create(_folder.File("a.csv.gz")), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
        }

        foreach (var command in new[]
        {
            "dotnet $0 replay $1 --json", "dotnet $0 replay - --json < $1", "cat $1 | dotnet $0 replay /dev/stdin --json",
            "zcat $1 | dotnet $0 replay - --json",
        })
        {
            var start = new ProcessStartInfo("sh", ["-c", command, Executable.Assembly, _folder.File("a.csv.gz")])
            {
                RedirectStandardOutput = true,
            };
            using var shell = Process.Start(start)!;
            var summary = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.True(shell.ExitCode == 0, command);
            Assert.Contains("\"readings\":2,", summary, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_control_character_of_the_recording_never_reaches_the_terminal()
    {
        var binary = _folder.File("binary.csv");
        await File.WriteAllBytesAsync(binary, [0x1B, 0x5D, 0x30, 0x3B, 0x00, 0x9B, 0x0A, 0xFF], TestContext.Current.CancellationToken);
        var cell = await WriteAsync("sensor_id,timestamp,temperature", "1,\u001b]0;evil\u0007,20", "1,1700000001,\u202e2\u200b2\u009b31m");

        foreach (var file in new[] { binary, cell })
        {
            var result = await Command.RunAsync("replay", file);
            Assert.DoesNotContain(
                result.Error.Replace("\n", "", StringComparison.Ordinal), c => char.IsControl(c) || c is '\u202e' or '\u200b');
        }
    }

    [Theory]
    [InlineData("there is no such file", "replay", "missing.csv")]
    [InlineData("no column timestamp", "replay", "{no-timestamp}")]
    [InlineData("is empty", "replay", "{empty}")]
    [InlineData("--columns must name sensor_id", "replay", "{good}", "--columns", "speed=temperature")]
    [InlineData("has no column \"Device\"", "replay", "{good}", "--columns", "sensor_id=Device")]
    [InlineData("--columns must be COLUMN=NAME", "replay", "{good}", "--columns", "sensor_id")]
    [InlineData("--columns must be COLUMN=NAME", "replay", "{good}", "--columns", "sensor_id=a,sensor_id=b")]
    [InlineData("has two columns \"temperature\"", "replay", "{twice}")]
    [InlineData("--encoding must be an encoding such as utf-8", "replay", "{good}", "--encoding", "klingon")]
    [InlineData("--time-zone must be a time zone", "replay", "{good}", "--time-zone", "Mars/Olympus")]
    [InlineData("--time-format must have day", "replay", "{good}", "--time-format", "HH:mm")]
    [InlineData("P1M", "replay", "{good}", "--period", "P1M")]
    [InlineData("fast", "replay", "{good}", "--speed", "fast")]
    [InlineData("mysql:", "replay", "{good}", "--store", "mysql:db")]
    [InlineData("127.0.0.1:1", "replay", "{good}", "--store", "postgres:Host=127.0.0.1;Port=1;Username=u;Password=topsecret;Database=d")]
    [InlineData("127.0.0.1:1", "replay", "{good}", "--kafka", "127.0.0.1:1")]
    [InlineData("--produce-only requires --kafka", "replay", "{good}", "--produce-only")]
    [InlineData("--nonsense", "replay", "{good}", "--nonsense")]
    [InlineData("Cannot write /nowhere/windows.csv", "replay", "{good}", "--output", "/nowhere/windows.csv")]
    [InlineData("is the same file as", "replay", "{good}", "--output", "{good}")]
    [InlineData("is the same file as", "replay", "{good}", "--alerts", "{good}")]
    [InlineData("is the same file as", "replay", "{good}", "--output", "{new}", "--alerts", "{new}")]
    [InlineData("is the same file as", "replay", "{good}", "--store", "sqlite:{good}")]
    [InlineData("is the same file as", "replay", "{good}", "--store", "sqlite:{new}", "--output", "{new}")]
    [InlineData("is the same file as", "report", "--store", "sqlite:{good}", "--format", "csv", "--output", "{good}")]
    [InlineData("--sensors must be an integer from 0 to 10000000; got \"many\".", "run", "--sensors", "many")]
    [InlineData("--date 2999-01-01 is in the future", "report", "--date", "2999-01-01")]
    [InlineData("--memory must be a number of bytes", "reconcile", "--last", "1h", "--memory", "lots")]
    [InlineData("--memory must be a number of bytes", "reconcile", "--last", "1h", "--memory", "1XB")]
    [InlineData("Unknown command \"frobnicate\"", "frobnicate")]
    public async Task What_cannot_run_is_one_sentence_and_exit_code_2(string offender, params string[] arguments)
    {
        var files = new Dictionary<string, string>
        {
            ["{good}"] = await WriteAsync("sensor_id,timestamp,temperature", "1,1700000000,20"),
            ["{no-timestamp}"] = await WriteAsync("sensor_id,temperature", "1,20"),
            ["{empty}"] = await WriteAsync(),
            ["{new}"] = _folder.File("new.csv"),
            ["{twice}"] = await WriteAsync("sensor_id,timestamp,temperature,Temperature", "1,1700000000,20,21"),
        };

        var result = await Command.RunAsync([.. arguments.Select(argument => files.Aggregate(
            argument, (text, file) => text.Replace(file.Key, file.Value, StringComparison.Ordinal)))]);

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
