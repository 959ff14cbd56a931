using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>sensors list</c>, <c>import</c> and <c>remove</c>.</summary>
[Trait("Category", "System")]
public sealed class SensorsCommandTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string Store => $"sqlite:{_folder.File("windows.db")}";

    [Fact]
    public async Task Twenty_stations_in_Spain_are_there_for_trials()
    {
        await RunAsync("import", "--example");

        var sensors = JsonSerializer.Deserialize<JsonElement>(await RunAsync("list", "--json")).EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, 20), sensors.Select(sensor => sensor.GetProperty("sensorId").GetInt32()));
        Assert.Equal(["Valencia", "Murcia", "Alicante"], sensors.Take(3).Select(sensor => sensor.GetProperty("city").GetString()));
    }

    [Fact]
    public async Task A_file_adds_sensors_and_replaces_what_was_known_of_them()
    {
        await RunAsync("import", "--example");
        await ImportAsync(
            "station,sensor_id,overrides",
            "\"Observatory, old\",7,\"{\"\"timeout\"\":\"\"00:03:00\"\",\"\"humidity\"\":false}\"",
            "Roof,700,");

        var lines = (await RunAsync("list")).Split('\n');
        Assert.Equal(21, lines.Length);
        var replaced = Assert.Single(lines, line => line.Contains("Observatory, old", StringComparison.Ordinal));
        Assert.Contains("00:03:00", replaced, StringComparison.Ordinal);

        await RunAsync("remove", "7", "700");
        Assert.Equal(19, (await RunAsync("list")).Split('\n').Length);
    }

    [Theory]
    [InlineData("sensor 7", "sensor_id,overrides", "7,\"{\"\"timeout\"\":\"\"soon\"\"}\"")]
    [InlineData("no column sensor_id", "id,city", "7,Bonn")]
    [InlineData("line 3", "sensor_id,city", "7,Bonn", "x,Bonn")]
    [InlineData("sensor 7 has two lines", "sensor_id,city", "7,Bonn", "7,Bonn")]
    public async Task A_file_with_a_mistake_changes_nothing_and_is_told_why(string offender, params string[] lines)
    {
        await RunAsync("import", "--example");
        await File.WriteAllLinesAsync(_folder.File("sensors.csv"), lines, TestContext.Current.CancellationToken);

        (await Command.RunAsync("sensors", "import", _folder.File("sensors.csv"), "--store", Store)).AssertCouldNotRun(offender);
        Assert.Contains("Valencia", await RunAsync("list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sensor_that_is_not_there_cannot_be_removed()
    {
        await RunAsync("import", "--example");

        (await Command.RunAsync("sensors", "remove", "99", "--store", Store)).AssertCouldNotRun("Sensor 99");
    }

    public void Dispose() => _folder.Dispose();

    private async Task ImportAsync(params string[] lines)
    {
        await File.WriteAllLinesAsync(_folder.File("sensors.csv"), lines, TestContext.Current.CancellationToken);
        await RunAsync("import", _folder.File("sensors.csv"));
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Command.RunAsync(["sensors", .. arguments, "--store", Store]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }
}
