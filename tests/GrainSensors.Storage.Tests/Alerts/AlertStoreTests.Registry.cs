using System.Globalization;
using System.Text;
using GrainSensors.Core.Sensors;
using GrainSensors.Storage.Sensors;

namespace GrainSensors.Storage.Tests.Alerts;

public abstract partial class AlertStoreTests
{
    [Fact]
    public async Task Of_changes_of_one_entry_at_the_same_time_none_is_lost()
    {
        var number = (await Store.Names.RegisterAsync(["boiler"], Stop))[0];
        await Store.Sensors.WriteAsync([new(7), new(number) { Name = "boiler" }], Stop);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () =>
            {
                for (var i = 0; i < 4; i++)
                {
                    await Store.Sensors.ChangeAsync(writer % 2 == 0 ? [7, number] : [number, 7], known => [.. known.Select(Count)], Stop);
                    await Store.Sensors.ChangeAsync([7], known => [.. known.Select(Count)], Stop);
                }
            },
            Stop)));

        Assert.Equal("64", (await Store.Sensors.FindAsync(7, Stop))!.City);
        Assert.Equal("32", (await Store.Sensors.FindAsync(number, Stop))!.City);

        static RegisteredSensor Count(RegisteredSensor entry) =>
            entry with { City = $"{int.Parse(entry.City ?? "0", CultureInfo.InvariantCulture) + 1}" };
    }

    [Fact]
    public async Task A_change_that_is_refused_writes_nothing_and_its_exception_is_the_callers()
    {
        await Store.Sensors.WriteAsync([new(7, "Vigo")], Stop);

        var refusal = await Assert.ThrowsAsync<FormatException>(
            () => Store.Sensors.ChangeAsync([7, 8], known => throw new FormatException($"{known.Count} known"), Stop));

        Assert.Equal("1 known", refusal.Message);
        await Store.Sensors.ChangeAsync([7, 8], known => [known[0] with { Station = "Port" }, new(8, "Lugo")], Stop);
        Assert.Equal([new(7, "Vigo", "Port"), new(8, "Lugo")], await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task Sensors_with_ids_and_with_names_have_all_columns_and_come_in_pages()
    {
        var numbers = await Store.Names.RegisterAsync(["kitchen-1", "Bad", "kitchen-1"], Stop);
        Assert.Equal(numbers[0], numbers[2]);
        var details = new RegisteredSensor(0, "Madrid", "Retiro", 0.5, """{"timeout": "00:03:00"}""")
        {
            DisplayName = "Küche",
            Tags = SensorTags.Of([new("room", "kitchen"), new("floor", "2")]),
            Latitude = 40.5,
            Longitude = -3.75,
            TimeZone = "Europe/Madrid",
        };
        var kitchen = details with { SensorId = numbers[0], Name = "kitchen-1" };
        var bath = new RegisteredSensor(numbers[1]) { Name = "Bad" };
        var (seven, eight) = (details with { SensorId = 7 }, new RegisteredSensor(8));
        await Store.Sensors.WriteAsync([kitchen, seven, bath, eight], Stop);

        Assert.Equal([seven, eight, bath, kitchen], await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
        Assert.Equal(4, await Store.Sensors.CountAsync(Stop));
        var page = await Store.Sensors.ReadAsync(new() { After = seven.Sensor, Limit = 2 }, Stop);
        Assert.Equal([eight, bath], page);
        Assert.Equal([kitchen], await Store.Sensors.ReadAsync(new() { After = bath.Sensor, Limit = 2 }, Stop));
        Assert.Equal(kitchen, await Store.Sensors.FindAsync(kitchen.SensorId, Stop));
        Assert.Equal(
            [bath.SensorId, seven.SensorId],
            (await Store.Sensors.FindAsync([7, numbers[1], 99, -99], Stop)).Select(sensor => sensor.SensorId).Order());
        Assert.Equal(
            new[] { new WatchedSensor(7, details.Overrides), new(8), new(numbers[0], details.Overrides, "kitchen-1"), new(numbers[1]) }
                .OrderBy(sensor => sensor.SensorId),
            await Store.Sensors.ReadWatchedAsync(Stop));
    }

    [Fact]
    public async Task Sensors_are_found_by_all_of_several_tags()
    {
        var number = (await Store.Names.RegisterAsync(["x"], Stop))[0];
        RegisteredSensor[] sensors =
        [
            new(1) { Tags = SensorTags.Of([new("room", "kitchen"), new("a.b/c:d-e_f", "it's \"1\"")]) },
            new(2) { Tags = SensorTags.Of([new("room", "kitchen")]) },
            new(3) { Tags = SensorTags.Of([new("room", "bath")]) },
            new(4),
            new(number) { Name = "x", Tags = SensorTags.Of([new("room", "kitchen")]) },
        ];
        await Store.Sensors.WriteAsync(sensors, Stop);

        Assert.Equal([1, 2, number], await FoundAsync(Tag("room", "kitchen")));
        Assert.Equal([1], await FoundAsync(Tag("room", "kitchen"), Tag("a.b/c:d-e_f", "it's \"1\"")));
        Assert.Empty(await FoundAsync(Tag("room", "attic")));

        static KeyValuePair<string, string> Tag(string key, string value) => new(key, value);

        async Task<List<int>> FoundAsync(params KeyValuePair<string, string>[] tags) =>
            await Store.Sensors.ReadAllAsync(SensorTags.Of(tags), Stop).Select(sensor => sensor.SensorId).ToListAsync(Stop);
    }

    [Fact]
    public async Task A_named_sensor_is_replaced_removed_and_forgotten_and_its_name_stays()
    {
        var number = (await Store.Names.RegisterAsync(["x"], Stop))[0];
        var sensor = new RegisteredSensor(number, "Vigo") { Name = "x", DisplayName = "X" };
        await Store.Sensors.WriteAsync([sensor], Stop);
        await Store.Sensors.WriteAsync([sensor with { City = null, DisplayName = null }], Stop);
        Assert.Equal(sensor with { City = null, DisplayName = null }, await Store.Sensors.FindAsync(number, Stop));
        Assert.Equal([number - 1], await Store.Sensors.RemoveAsync([number, number - 1], Stop));
        Assert.Empty(await Store.Sensors.RemoveAsync([number], Stop));
        Assert.Equal([number], await Store.Sensors.RemoveAsync([number], Stop));
        await Store.Sensors.WriteAsync([sensor], Stop);
        Assert.Empty(await Store.Sensors.ForgetAsync([number], Stop));
        Assert.Equal(0, await Store.Sensors.CountAsync(Stop));
        Assert.Equal([number], await Store.Names.FindAsync(["x"], Stop));
    }

    [Fact]
    public async Task Removing_a_sensor_with_an_id_removes_its_details()
    {
        await Store.Sensors.WriteAsync([new(7) { DisplayName = "Seven" }], Stop);
        await Store.Sensors.RemoveAsync([7], Stop);
        await Store.Sensors.WriteAsync([new(8)], Stop);
        await ExecuteAsync("INSERT INTO sensors (sensor_id) VALUES (7)");
        Assert.Equal([new(7), new(8)], await Store.Sensors.ReadAllAsync(null, Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task Tags_that_another_program_wrote_are_shown_as_text()
    {
        await Store.Sensors.WriteAsync([new(7)], Stop);
        await ExecuteAsync("""UPDATE sensor_details SET tags = '{"floor": 2, "any key": "v"}'""");
        Assert.Equal("any key=v, floor=2", $"{(await Store.Sensors.FindAsync(7, Stop))!.Tags}");
    }

    [Fact]
    public async Task Names_are_registered_where_readings_would_get_no_number()
    {
        await Store.DisposeAsync(); // SQLite has one process, and one store in it
        await using var closed = await OpenAsync(new() { Names = new() { IsOpen = false, Max = 0 } });
        var numbers = new int[1];
        await closed.Names.NumbersOfAsync([Encoding.UTF8.GetBytes("stranger")], numbers, Stop);
        Assert.Equal([-1], numbers);
        var registered = await closed.Names.RegisterAsync(["friend"], Stop);
        await closed.Names.NumbersOfAsync([Encoding.UTF8.GetBytes("friend")], numbers, Stop);
        Assert.Equal(registered, numbers);
        await Assert.ThrowsAsync<ArgumentException>(() => closed.Names.RegisterAsync(["a\nb"], Stop));
    }
}
