using System.Text;
using System.Text.Json;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Sensors;
using GrainSensors.Storage.Sqlite;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary><c>sensors list</c>, <c>import</c> and <c>remove</c>.</summary>
[Trait("Category", "System")]
public sealed partial class SensorsCommandTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string Store => $"sqlite:{_folder.File("windows.db")}";

    [Fact]
    public async Task Twenty_stations_in_Spain_are_there_for_trials()
    {
        await RunAsync("import", "--example");

        var sensors = JsonSerializer.Deserialize<JsonElement>(await RunAsync("list", "--json")).EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, 20), sensors.Select(sensor => sensor.GetProperty("sensor_id").GetInt32()));
        Assert.Equal(["Valencia", "Murcia", "Alicante"], sensors.Take(3).Select(sensor => sensor.GetProperty("city").GetString()));
    }

    [Fact]
    public async Task A_file_adds_sensors_and_changes_what_it_has_columns_for()
    {
        await RunAsync("import", "--example");
        var told = await ImportAsync(
            "station,sensor_id,overrides",
            "\"Observatory, old\",7,\"{\"\"timeout\"\":\"\"00:03:00\"\",\"\"humidity\"\":false}\"",
            "Roof,700,");

        Assert.StartsWith("2 sensors imported (1 new, 1 changed); 21 are registered in ", told, StringComparison.Ordinal);
        Assert.Contains(
            "7    -0.3 °C  Zaragoza, Observatory, old  {\"timeout\":\"00:03:00\",\"humidity\":false}",
            await RunAsync("list"),
            StringComparison.Ordinal);

        told = await ImportAsync("sensor_id,city", "7,Zaragoza", "700,");
        Assert.StartsWith("2 sensors imported (0 new, 0 changed); 21 are registered in ", told, StringComparison.Ordinal);
        Assert.Contains("Zaragoza, Observatory, old  {", await RunAsync("list"), StringComparison.Ordinal);

        await ImportAsync("sensor_id,overrides", "7,");
        Assert.DoesNotContain("timeout", await RunAsync("list"), StringComparison.Ordinal);

        await RunAsync("remove", "7", "700");
        Assert.Equal(19, (await RunAsync("list")).Split('\n').Length);
    }

    [Theory]
    [InlineData("line 2: The overrides of sensor 7 are invalid.", "sensor_id,overrides", "7,\"{\"\"timeout\"\":\"\"soon\"\"}\"")]
    [InlineData(
        "line 3: sensor_id must be an integer from 0 to 2147483647, or a name of 1 to 200 characters; got \"7.0\"",
        "sensor_id,city", "8,Bonn", "7.0,Bonn")]
    [InlineData("line 2: The tag \"a b=c\" must have a key of letters", "sensor_id,tags", "8,a b=c")]
    [InlineData("line 2: latitude must be a number from -90 to 90; got \"north\"", "sensor_id,latitude", "8,north")]
    [InlineData("line 2: A position needs latitude and longitude", "sensor_id,latitude", "8,45")]
    [InlineData("line 2: time_zone must be an IANA id", "sensor_id,time_zone", "8,Madrid")]
    [InlineData("line 3: sensor 8 has two lines, this and line 2; remove one", "sensor_id,city", "8,Bonn", "8,Berlin")]
    [InlineData("line 2: expected 2 fields; got 3", "sensor_id,city", "7,Bonn,Nord")]
    [InlineData("none of them a control or format character; got \"a\\u0000b\"", "sensor_id,city", "8,Bonn", "9,a\0b")]
    [InlineData("from -1000 to 1000; got \"\\u001b[31m\"", "sensor_id,diff_temperature", "7,\u001b[31m")]
    public async Task A_line_with_a_mistake_is_rejected_and_the_rest_is_imported(string reason, params string[] lines)
    {
        await RunAsync("import", "--example");
        await File.WriteAllTextAsync(
            _folder.File("sensors.csv"),
            string.Join('\n', lines) + "\n900" + new string(',', lines[0].Count(c => c == ',')),
            TestContext.Current.CancellationToken);

        var result = await Command.RunAsync("sensors", "import", _folder.File("sensors.csv"), "--store", Store);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.Contains(", 1 line rejected; ", result.Output, StringComparison.Ordinal);
        var list = await RunAsync("list");
        Assert.Contains("     900 ", list, StringComparison.Ordinal);
        Assert.Contains("Zaragoza, Valdespartera", list, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no column sensor_id", "id,city", "7,Bonn")]
    [InlineData("--columns sensor_id=id", "id,city", "7,Bonn")]
    [InlineData("has two columns \"city\"", "sensor_id,city,City", "7,Bonn,Bonn")]
    public async Task A_file_without_a_header_is_told_and_changes_nothing(string offender, params string[] lines)
    {
        await RunAsync("import", "--example");
        await File.WriteAllLinesAsync(_folder.File("sensors.csv"), lines, TestContext.Current.CancellationToken);

        (await Command.RunAsync("sensors", "import", _folder.File("sensors.csv"), "--store", Store)).AssertCouldNotRun(offender);
        Assert.Contains("Zaragoza", await RunAsync("list"), StringComparison.Ordinal);
    }

    /// <summary>Spreadsheets of Western Europe save semicolons, Windows-1252 and names in capitals.</summary>
    [Fact]
    public async Task The_dialects_of_spreadsheets_are_read()
    {
        await File.WriteAllBytesAsync(
            _folder.File("a.csv"),
            Encoding.Latin1.GetBytes(
                "Sensor_ID;City;Station;Diff_Temperature\r\n51;M\u00e1laga;Estaci\u00f3n Norte;0,5\r\n55;Lugo;\"Sur; 2\";-\r\n"),
            TestContext.Current.CancellationToken);

        var told = await RunAsync("import", _folder.File("a.csv"));

        Assert.Contains("bytes that are not UTF-8 were read as Windows-1252", told, StringComparison.Ordinal);
        Assert.Equal(
            ["      51    +0.5 °C  Málaga, Estación Norte", "      55     0.0 °C  Lugo, Sur; 2"], (await RunAsync("list")).Split('\n'));
    }

    [Fact]
    public async Task Columns_of_other_names_are_mapped()
    {
        await File.WriteAllTextAsync(_folder.File("a.csv"), "Nr,Ort\n51,Bonn\n", TestContext.Current.CancellationToken);

        await RunAsync("import", _folder.File("a.csv"), "--columns", "sensor_id=nr,city=\"Ort\"");

        Assert.EndsWith("51     0.0 °C  Bonn", await RunAsync("list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_program_wrote_is_printed_without_control_characters_and_is_no_obstacle()
    {
        await using (var store = new SqliteWindowStore(_folder.File("windows.db")))
        {
            await store.PrepareAsync(TestContext.Current.CancellationToken);
            var entry = new RegisteredSensor(7, "Bo\u001b[31m\u202enn", Offset: 5000, Overrides: "{\"x\":1}");
            await store.Sensors.WriteAsync(
                [entry with { Tags = SensorTags.OfStored([new("any key", "v")]) }], TestContext.Current.CancellationToken);
        }

        await RunAsync("set", "7", "--name", "Seven");
        Assert.Contains("Bo\\u001b[31m\\u202enn  Seven  any key=v", await RunAsync("list"), StringComparison.Ordinal);
        (await Command.RunAsync("sensors", "set", "7", "--tag", "a=b", "--store", Store)).AssertCouldNotRun("any key=v");
        await RunAsync("set", "7", "--tag", "a=b", "--remove-tag", "any key");
    }

    [Fact]
    public async Task A_sensor_that_is_not_there_cannot_be_removed()
    {
        await RunAsync("import", "--example");

        (await Command.RunAsync("sensors", "remove", "99", "--store", Store)).AssertCouldNotRun("Sensor 99");
    }

    [Fact]
    public async Task Several_sensors_are_removed_together_or_not_at_all()
    {
        await RunAsync("import", "--example");

        var refused = await Command.RunAsync("sensors", "remove", "7", "8888", "9999", "--store", Store);

        refused.AssertCouldNotRun("Sensors 8888 and 9999 are not registered; nothing was removed");
        Assert.Equal(20, (await RunAsync("list")).Split('\n').Length);
        Assert.StartsWith("Removed 2 sensors from sqlite:", await RunAsync("remove", "7", "8"), StringComparison.Ordinal);
        Assert.Equal(18, (await RunAsync("list")).Split('\n').Length);
    }

    [Fact]
    public async Task Several_sensors_are_forgotten_together_or_not_at_all()
    {
        await RunAsync("import", "--example");

        (await Command.RunAsync("sensors", "forget", "7", "8888", "--store", Store)).AssertCouldNotRun("Sensor 8888 is unknown");
        Assert.Equal(20, (await RunAsync("list")).Split('\n').Length);
        Assert.StartsWith("Forgot 2 sensors in sqlite:", await RunAsync("forget", "7", "8"), StringComparison.Ordinal);
        Assert.Equal(18, (await RunAsync("list")).Split('\n').Length);
        var missing = await Command.RunAsync("sensors", "forget", "7", "--store", $"sqlite:{_folder.File("none.db")}");
        missing.AssertCouldNotRun("none.db");
        Assert.False(File.Exists(_folder.File("none.db")));
    }

    [Fact]
    public async Task A_sensor_that_is_forgotten_while_run_is_stopped_has_no_alert_when_it_starts_again()
    {
        var settings = new Dictionary<string, string> { ["GrainSensors__Http__Port"] = "0" };
        await using (var first = Executable.StartWith(settings, "run", "--sensors", "0", "--store", Store))
        {
            using var api = await ApiAsync(first);
            using var reading = new StringContent(
                $$"""{"sensor_id":99,"timestamp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}}}""",
                System.Text.Encoding.UTF8,
                "application/json");
            using var accepted = await api.PostAsync(new Uri("readings", UriKind.Relative), reading, TestContext.Current.CancellationToken);
            await Until.Async(async () => await OpenAsync(api) == 1, () => string.Join('\n', first.Errors), TimeSpan.FromSeconds(60));
            await first.SignalAsync("INT");
            await first.ExitAsync();
        }

        await RunAsync("forget", "99");

        await using var second = Executable.StartWith(settings, "run", "--sensors", "0", "--store", Store);
        using var again = await ApiAsync(second);
        Assert.Equal(0, await OpenAsync(again));
        using var fleet = await again.GetAsync(new Uri("sensors/99", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, fleet.StatusCode);
        await second.SignalAsync("INT");
        await second.ExitAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>A client of the API, once the pipeline runs.</returns>
    private static async Task<HttpClient> ApiAsync(Executable run)
    {
        const string Console = "Console   ";
        string? page = null;
        await Until.Async(
            () => (page = run.Output.FirstOrDefault(line => line.StartsWith(Console, StringComparison.Ordinal))) is not null,
            () => string.Join('\n', run.Output.Concat(run.Errors)),
            TimeSpan.FromSeconds(60));
        return new() { BaseAddress = new($"{page![Console.Length..].Split(' ')[0]}api/v1/") };
    }

    private static async Task<int> OpenAsync(HttpClient api)
    {
        var alerts = await api.GetStringAsync(new Uri("alerts?status=open", UriKind.Relative), TestContext.Current.CancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(alerts).GetProperty("items").GetArrayLength();
    }

    private async Task<string> ImportAsync(params string[] lines)
    {
        await File.WriteAllLinesAsync(_folder.File("sensors.csv"), lines, TestContext.Current.CancellationToken);
        return await RunAsync("import", _folder.File("sensors.csv"));
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Command.RunAsync(["sensors", .. arguments, "--store", Store]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }
}
