using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Alerts;

public sealed class PrimaryMeasurementTests
{
    private const int Discovered = 5;
    private const long Second = 1_000_000;

    [Theory]
    [InlineData(null, null, 0)]
    [InlineData(null, true, 1)]
    [InlineData(false, null, -1)]
    [InlineData(true, null, 0)]
    [InlineData(false, true, 1)]
    public void The_first_measurement_is_primary_unless_the_set_says_otherwise(bool? first, bool? second, int primary) =>
        Assert.Equal(primary, Set(first, second).Primary);

    [Fact]
    public void Two_primary_measurements_are_refused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => Set(true, true));
        Assert.StartsWith(
            "One measurement can be primary; got \"temperature\" and \"humidity\".", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A sensor of pressure alone has no temperature to lose.</summary>
    [Theory]
    [InlineData(0, true, 0, Discovered)]
    [InlineData(0, false, Discovered, Discovered)]
    [InlineData(0, false, Discovered, 0)]
    [InlineData(-1, false, 0, Discovered)]
    [InlineData(1, false, 0, Discovered)]
    [InlineData(1, true, 1, 0)]
    public void A_reading_without_the_primary_measurement_disconnects_a_sensor_that_has_sent_it(
        int primary, bool disconnects, params int[] measured)
    {
        var watch = new SensorWatch(7, measurements: 2, primary);
        var (rules, changes) = (AlertRules.Default(MeasurementSet.Default), new List<AlertChange>());
        for (var i = 0; i < measured.Length; i++)
        {
            watch.Observe(
                new() { SensorId = 7, Timestamp = (i + 1) * Second }, [new(measured[i], 20)], i * Second, long.MaxValue, rules, changes);
        }

        Assert.Equal(disconnects, watch.Silence.IsOpen);
    }

    [Fact]
    public void A_reading_without_any_value_disconnects_its_sensor()
    {
        var watch = new SensorWatch(7, measurements: 2, primaryMeasurement: -1);
        var (rules, changes) = (AlertRules.Default(MeasurementSet.Default), new List<AlertChange>());
        watch.Observe(new() { SensorId = 7, Timestamp = Second }, [], 0, long.MaxValue, rules, changes);
        Assert.Equal(AlertKind.Disconnected, Assert.Single(changes).Kind);
    }

    private static MeasurementSet Set(bool? first, bool? second) =>
        new([new("temperature", -100, 100) { IsPrimary = first }, new("humidity", 0, 100) { IsPrimary = second }]);
}
