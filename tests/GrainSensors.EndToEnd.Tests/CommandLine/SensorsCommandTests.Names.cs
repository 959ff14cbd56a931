using System.Text.Json;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Sensors with names, and what people say about sensors.</summary>
public sealed partial class SensorsCommandTests
{
    [Fact]
    public async Task A_sensor_is_set_shown_filtered_and_removed_by_its_name()
    {
        var told = await RunAsync(
            "set", "kitchen-1", "--name", "Küche", "--tag", "room=kitchen", "--tag", "floor=2",
            "--latitude", "40.5", "--longitude", "-3.75");
        Assert.StartsWith("1 sensor set (1 new, 0 changed) in sqlite:", told, StringComparison.Ordinal);
        told = await RunAsync("set", "kitchen-1", "7", "--remove-tag", "floor", "--city", "Vigo");
        Assert.StartsWith("2 sensors set (1 new, 1 changed) in sqlite:", told, StringComparison.Ordinal);

        Assert.Equal(
            [
                "sensor_id         kitchen-1", "display_name      Küche", "city              Vigo", "latitude          40.5",
                "longitude         -3.75", "tags              room=kitchen",
            ],
            (await RunAsync("show", "kitchen-1")).Split('\n'));
        var json = JsonSerializer.Deserialize<JsonElement>(await RunAsync("show", "kitchen-1", "--json"));
        Assert.Equal("kitchen-1", json.GetProperty("sensor_id").GetString());
        Assert.Equal(
            ["       7     0.0 °C  Vigo", "kitchen-1     0.0 °C  Vigo  Küche  room=kitchen"], (await RunAsync("list")).Split('\n'));
        Assert.EndsWith("Küche  room=kitchen", await RunAsync("list", "--tag", "room=kitchen"), StringComparison.Ordinal);
        Assert.EndsWith("Küche  room=kitchen", await RunAsync("list", "--query", "kuche VIGO"), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("list", "--place", "lugo"));

        (await Command.RunAsync("sensors", "set", "7", "--time-zone", "Vigo", "--store", Store)).AssertCouldNotRun("Nothing was changed");
        (await Command.RunAsync("sensors", "show", "bath", "--store", Store)).AssertCouldNotRun("Sensor bath is not registered");
        var missing = await Command.RunAsync("sensors", "remove", "kitchen-1", "bath", "--store", Store);
        missing.AssertCouldNotRun("Sensor bath is not registered; nothing was removed");
        Assert.StartsWith("Removed 1 sensor from", await RunAsync("remove", "kitchen-1"), StringComparison.Ordinal);
        Assert.StartsWith("Forgot 1 sensor in", await RunAsync("forget", "7"), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("list"));
    }

    [Theory]
    [InlineData("sensors.csv")]
    [InlineData("sensors.json")]
    public async Task What_is_exported_is_imported_again_without_a_change(string file)
    {
        await ImportAsync(
            "sensor_id,display_name,city,station,latitude,longitude,time_zone,diff_temperature,tags,overrides",
            "7,Seven,Vigo,Port,42.2,-8.7,Europe/Madrid,-0.5,a=1;b=x\\;y\\\\z,\"{\"\"timeout\"\":\"\"3m\"\"}\"",
            "'=evil,'=1+1,'@city,''-x,,,,,,",
            "-9000000000,,,,,,,,,",
            "\"a, b\",,,,,,,,,",
            "'007,,,,,,,,,",
            "'7.0,,,,,,,,,");
        await RunAsync("export", "--output", _folder.File(file));
        var text = await File.ReadAllTextAsync(_folder.File(file), TestContext.Current.CancellationToken);
        var isCsv = file.EndsWith("csv", StringComparison.Ordinal);
        Assert.Contains(isCsv ? "\n'=evil,'=1+1,'@city,''-x," : "\"=evil\"", text, StringComparison.Ordinal);
        Assert.Contains("-9000000000", text, StringComparison.Ordinal);

        var told = await RunAsync("import", _folder.File(file));
        Assert.StartsWith("6 sensors imported (0 new, 0 changed); 6 are", told, StringComparison.Ordinal);
        await RunAsync("remove", "7", "=evil", "-9000000000", "a, b", "007", "7.0");
        told = await RunAsync("import", _folder.File(file));
        Assert.StartsWith("6 sensors imported (6 new, 0 changed); 6 are", told, StringComparison.Ordinal);
        await RunAsync("export", "--output", _folder.File($"again-{file}"));
        Assert.Equal(text, await File.ReadAllTextAsync(_folder.File($"again-{file}"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Items_of_JSON_with_a_mistake_are_rejected_with_their_line()
    {
        await File.WriteAllTextAsync(
            _folder.File("a.json"),
            """
            [{"sensor_id":"kitchen-1","tags":{"room":"kitchen"}},
             {"sensor_id":7.5},
             {"sensor_id":8,"citi":"Vigo"},
             {"sensor_id":9,"city":"Vigo"},
             {"sensor_id":"\ud800"},
             {"\ud800":1,"sensor_id":11}]
            {"sensor_id":10}
            """,
            TestContext.Current.CancellationToken);
        var result = await Command.RunAsync("sensors", "import", _folder.File("a.json"), "--store", Store);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("a.json, line 2: an entry must be an object with sensor_id", result.Error, StringComparison.Ordinal);
        Assert.Contains("a.json, line 3: \"citi\" is not a member of an entry", result.Error, StringComparison.Ordinal);
        Assert.Contains("a.json, line 5: an entry must be an object with sensor_id", result.Error, StringComparison.Ordinal);
        Assert.Contains("a.json, line 6: An entry must have valid Unicode", result.Error, StringComparison.Ordinal);
        Assert.StartsWith("3 sensors imported (3 new, 0 changed), 4 lines rejected; 3 are", result.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder.File("b.json"), "[{\n]", TestContext.Current.CancellationToken);
        (await Command.RunAsync("sensors", "import", _folder.File("b.json"), "--store", Store)).AssertCouldNotRun("not valid JSON: line 2");
    }

    [Fact]
    public async Task Leading_zeros_in_CSV_are_an_integer_which_is_said_once()
    {
        var told = await ImportAsync("sensor_id", "007", "008", "a-007");
        Assert.Single(told.Split("ids with leading zeros, such as 007, were read as integers").Skip(1));
        Assert.Equal(["       7     0.0 °C", "       8     0.0 °C", "   a-007     0.0 °C"], (await RunAsync("list")).Split('\n'));
    }

    [Fact]
    public async Task A_sensor_with_a_name_is_silenced()
    {
        await RunAsync("set", "kitchen-1");
        (await SilenceAsync("add", "--sensor", "bath", "--for", "1h", "--reason", "r")).AssertCouldNotRun("Sensor \"bath\" is unknown");
        Assert.Equal(0, (await SilenceAsync("add", "--sensor", "kitchen-1", "--for", "1h", "--reason", "r")).ExitCode);
        Assert.Contains("  sensor kitchen-1 until ", (await SilenceAsync("list")).Output, StringComparison.Ordinal);
        Assert.Contains("\"sensor_id\":\"kitchen-1\"", (await SilenceAsync("list", "--json")).Output, StringComparison.Ordinal);

        Task<Executable.Result> SilenceAsync(params string[] arguments) => Command.RunAsync(["silence", .. arguments, "--store", Store]);
    }
}
