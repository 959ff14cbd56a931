using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>Values that mean "no value" are read like null.</summary>
public sealed class MissingValueTests
{
    private static readonly ReadingParser Parser = new(
        new MeasurementSet(
        [
            new("temperature", -273.15, 10_000) { Missing = [-999, -127, 85] },
            new("humidity", -100, 200),
        ]),
        new());

    [Theory]
    [InlineData("-999")]
    [InlineData("-127")]
    [InlineData("-127.00")]
    [InlineData("85")]
    [InlineData("8.5e1")]
    [InlineData("null")]
    public void A_missing_value_is_null_and_the_rest_is_kept(string temperature)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"sensor_id":7,"timestamp":1732400000,"temperature":{{temperature}},"humidity":85}""");

        Assert.Equal(RejectReason.None, Parser.Parse(json, Parsing.Now, out var reading));
        Assert.Equal((double.NaN, 85), (reading.Values[0], reading.Values[1]));
        Assert.Equal(RejectReason.None, Parser.ParseAny(json, null, out reading));
        Assert.Equal((double.NaN, 85), (reading.Values[0], reading.Values[1]));
    }

    [Theory]
    [InlineData("-998")]
    [InlineData("-1e4")]
    public void Other_values_out_of_range_stay_invalid(string temperature)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"sensor_id":7,"timestamp":1732400000,"temperature":{{temperature}}}""");

        Assert.Equal(RejectReason.InvalidValue, Parser.Parse(json, Parsing.Now, out _));
    }

    [Fact]
    public void A_value_near_a_missing_one_counts()
    {
        var json = """{"sensor_id":7,"timestamp":1732400000,"temperature":85.0625}"""u8;

        Assert.Equal(RejectReason.None, Parser.Parse(json, Parsing.Now, out var reading));
        Assert.Equal(85.0625, reading.Values[0]);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_missing_value_is_a_number(double missing) =>
        Assert.Contains(
            "The missing values of measurement \"a\" must be finite numbers.",
            Assert.Throws<ArgumentException>(() => new MeasurementSet([new("a", 0, 1) { Missing = [missing] }])).Message,
            StringComparison.Ordinal);
}
