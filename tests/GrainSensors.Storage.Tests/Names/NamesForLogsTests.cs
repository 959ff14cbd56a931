using GrainSensors.Core.Readings;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Storage.Tests.Names;

/// <summary>What logs and errors call a sensor.</summary>
public sealed class NamesForLogsTests
{
    [Fact]
    public async Task A_log_event_has_the_name_that_memory_has_and_no_number()
    {
        using var directory = new TemporaryDirectory();
        await using var store = new SqliteWindowStore(directory.File("windows.db"));
        await store.PrepareAsync(TestContext.Current.CancellationToken);
        var number = (await store.Names.RegisterAsync(["boiler"], TestContext.Current.CancellationToken))[0];
        Assert.Equal("boiler", $"{store.Names.InMemory(number)}");
        Assert.Equal(SensorRef.Unnamed, $"{store.Names.InMemory(number == -2 ? -3 : -2)}");
        Assert.Equal("7", $"{store.Names.InMemory(7)}");
        Assert.Equal(SensorRef.Unnamed, $"{((ISensorNames?)null).InMemory(number)}");
    }

    [Fact]
    public void A_damaged_row_of_a_named_sensor_is_found_by_the_number_of_its_name()
    {
        var e = Assert.Throws<FormatException>(() => StoredMarks.Read([9], -99, 0));
        Assert.Contains("the row of sensor_id -99 (a number in sensor_names) and the window", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<FormatException>(() => StoredMarks.Read([9], 99, 0));
        Assert.Contains("the row of sensor 99 and the window", e.Message, StringComparison.Ordinal);
    }
}
