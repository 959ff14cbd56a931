using System.Globalization;
using System.Text;
using CsCheck;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

/// <summary>Values that are sent in another unit than they are kept.</summary>
public sealed class ConvertedValueTests
{
    private static readonly Measurement Temperature = new("temperature", -40, 60)
    {
        Unit = "°C",
        SentUnit = "°F",
        Conversion = new(5.0 / 9, -160.0 / 9),
        Missing = [-127, 185],
    };

    private static readonly ReadingParser Parser = new(new MeasurementSet([Temperature, new("humidity", -100, 200)]), new());

    [Theory]
    [InlineData("32", 0)]
    [InlineData("212e-1", -6)]
    [InlineData("-40", -40)] // the end of the range
    [InlineData("139.1", 59.5)]
    [InlineData("71.6", 22)]
    [InlineData("-127", double.NaN)] // missing as it was sent
    [InlineData("185", double.NaN)]
    [InlineData("null", double.NaN)]
    public void A_value_is_converted_before_its_range_and_after_the_missing_values(string sent, double kept)
    {
        var json = Json(sent);

        Assert.Equal(RejectReason.None, Parser.Parse(json, Parsing.Now, out var reading));
        Assert.Equal(RejectReason.None, Parser.ParseAny(json, null, out var other));

        Assert.Equal(kept, reading.Values[0], 1e-12);
        Assert.Equal(reading.Values[0], other.Values[0]);
        Assert.Equal(85, reading.Values[1]);
    }

    [Theory]
    [InlineData("-40.1")]
    [InlineData("140.1")]
    public void A_value_out_of_the_range_is_refused_with_the_unit_of_the_range(string sent)
    {
        Assert.Equal(RejectReason.InvalidValue, Parser.Parse(Json(sent), Parsing.Now, out _));
        Assert.Equal(
            $"temperature must be a number from -40 to 60 °C after conversion; got {sent}",
            new RejectDetail(Parser).Of(Json(sent), Parsing.Now, RejectReason.InvalidValue));
    }

    [Fact]
    public void What_a_simulated_sensor_sends_is_accepted_and_kept_as_it_was_meant() => Gen.Select(
            Gen.OneOf(Gen.Double[-40, 60], Gen.Const(-40.0), Gen.Const(60.0)),
            Gen.OneOf(Gen.Double[0.001, 1000], Gen.Double[-1000, -0.001], Gen.Const(5.0 / 9)),
            Gen.Double[-500, 500])
        .Sample((kept, factor, offset) =>
        {
            var measurement = Temperature with { Conversion = new(factor, offset) };
            var got = measurement.Keep(measurement.Send(kept));
            return measurement.Accepts(got) && Math.Abs(got - kept) < 1e-9;
        });

    [Fact]
    public void Conversion_allocates_nothing()
    {
        var (json, values) = (Json("71.6"), new MessageValues());
        Parser.Parse(json, Parsing.Now, null, values, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Parser.Parse(json, Parsing.Now, null, values, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Json(string temperature) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $$"""{"sensor_id":7,"timestamp":1732400000,"temperature":{{temperature}},"humidity":85}"""));
}
