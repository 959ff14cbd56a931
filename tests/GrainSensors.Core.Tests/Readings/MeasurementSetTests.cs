using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

public sealed class MeasurementSetTests
{
    [Fact]
    public void By_default_temperature_comes_before_humidity()
    {
        Assert.Equal(["temperature", "humidity"], MeasurementSet.Default.All.Select(m => m.Name));
        string[] names = ["temperature", "humidity", "Humidity"];
        Assert.Equal([0, 1, -1], names.Select(MeasurementSet.Default.IndexOf));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(251)]
    public void Refuses_none_and_more_than_a_configuration_should_have(int count)
    {
        var e = Assert.Throws<ArgumentException>(
            () => new MeasurementSet(Enumerable.Range(0, count).Select(i => new Measurement("m" + i, 0, 1))));
        Assert.Contains($"must be 1 to 250; got {count}.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_more_than_a_reading_usually_has() =>
        Assert.Equal(250, new MeasurementSet(Enumerable.Range(0, 250).Select(i => new Measurement("m" + i, 0, 1))).Count);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("sensor_id")]
    [InlineData("timestamp")]
    public void Refuses_names_that_mean_something_else(string name) =>
        Assert.Contains("must not be empty, sensor_id or timestamp", Refusal(new Measurement(name, 0, 1)), StringComparison.Ordinal);

    [Fact]
    public void Refuses_a_name_twice() =>
        Assert.Contains("\"a\" is configured twice", Refusal(new("a", 0, 1), new("b", 0, 1), new("a", 0, 2)), StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(double.NaN, 1)]
    [InlineData(0, double.NaN)]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(0, double.PositiveInfinity)]
    public void Refuses_ranges_that_hold_nothing_or_everything(double min, double max) =>
        Assert.Contains(
            "The range of measurement \"a\" must have a finite Min", Refusal(new Measurement("a", min, max)), StringComparison.Ordinal);

    [Theory]
    [InlineData(-1, true)]
    [InlineData(2, true)]
    [InlineData(-1.0000001, false)]
    [InlineData(2.0000001, false)]
    [InlineData(double.NaN, false)]
    [InlineData(double.PositiveInfinity, false)]
    [InlineData(double.NegativeInfinity, false)]
    public void A_range_includes_its_ends_and_no_nan(double value, bool expected) =>
        Assert.Equal(expected, new Measurement("a", -1, 2).Accepts(value));

    [Fact]
    public void Values_without_any_are_all_absent()
    {
        var none = MeasurementValues.None;
        Assert.All(Enumerable.Range(0, 250), i => Assert.Equal(double.NaN, none[i]));
        Assert.True(none.IsEmpty);
        Assert.Empty(none.ToArray());
    }

    [Fact]
    public void Copies_of_values_are_independent()
    {
        var values = MeasurementValues.None;
        (values[0], values[8], values[200]) = (1, 2, 3);
        var copy = values;
        (copy[0], copy[8], copy[9], copy[200]) = (4, double.NaN, 5, 6);

        Assert.Equal([new(0, 1), new(8, 2), new(200, 3)], values.ToArray());
        Assert.Equal([new(0, 4), new(200, 6), new(9, 5)], copy.ToArray());
        Assert.Equal([new(0, 4), new(9, 5)], MeasurementValues.Of([4, double.NaN, .. Enumerable.Repeat(double.NaN, 7), 5]).ToArray());
        Assert.Equal(values.ToArray(), MeasurementValues.Of(values.ToArray()).ToArray());
    }

    private static string Refusal(params Measurement[] measurements) =>
        Assert.Throws<ArgumentException>(() => new MeasurementSet(measurements)).Message;
}
