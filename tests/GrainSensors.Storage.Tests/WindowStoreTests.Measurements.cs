namespace GrainSensors.Storage.Tests;

/// <summary>The names of discovered measurements.</summary>
public abstract partial class WindowStoreTests
{
    [Fact]
    public async Task Names_of_measurements_are_kept_once()
    {
        await Store.MeasurementNames.AddAsync(["pressure", "co2"], 10, Stop);
        await Store.MeasurementNames.AddAsync(["co2", "Küche \"1\"", "pressure"], 10, Stop);

        var stored = await Store.MeasurementNames.ReadAsync(Stop);
        Assert.Equal(["Küche \"1\"", "co2", "pressure"], stored.Select(measurement => measurement.Name).Order(StringComparer.Ordinal));
        Assert.All(stored, measurement => Assert.True(measurement.AddedAt > 0));
    }

    [Fact]
    public async Task Writers_of_names_of_measurements_keep_to_the_limit_together()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(writer => Store.MeasurementNames.AddAsync(
            [.. Enumerable.Range(0, 8).Select(i => $"m{(writer * 3) + i}")], 20, Stop)));
        Assert.Equal(20, (await Store.MeasurementNames.ReadAsync(Stop)).Count);

        // What is there already needs no room.
        await Store.MeasurementNames.AddAsync([(await Store.MeasurementNames.ReadAsync(Stop))[0].Name, "more"], 20, Stop);
        Assert.Equal(20, (await Store.MeasurementNames.ReadAsync(Stop)).Count);
    }
}
