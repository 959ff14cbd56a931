using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>Units of declared measurements, and their conversion.</summary>
public sealed class UnitTests
{
    [Theory]
    [InlineData("°F", "°C", 32, 0)]
    [InlineData("°F", "°C", 212, 100)]
    [InlineData("K", "°C", 273.15, 0)]
    [InlineData("DegreeFahrenheit", "℃", 50, 10)]
    [InlineData("Pa", "hPa", 101_325, 1013.25)]
    [InlineData("inHg", "hPa", 29.92, 1013.2075)]
    [InlineData("mg/m³", "µg/m³", 0.5, 500)]
    [InlineData("mg/m3", "μg/m3", 0.5, 500)]
    [InlineData("kW/m²", "W/m²", 1.5, 1500)] // of two quantities, which agree
    [InlineData("mph", "m/s", 100, 44.704)]
    [InlineData("mV", "V", 3300, 3.3)]
    [InlineData("kWh", "MJ", 1, 3.6)]
    [InlineData("dBm", "dBW", 30, 0)]
    public void A_linear_conversion_is_found(string sent, string kept, double value, double expected) =>
        Assert.Equal(expected, UnitConversions.Find(sent, kept)!.Convert(value), Math.Abs(expected) * 1e-4 + 1e-12);

    [Theory]
    [InlineData("°F", "°C", 5.0 / 9, -160.0 / 9)]
    [InlineData("K", "°C", 1, -273.15)]
    [InlineData("mV", "V", 0.001, 0)]
    [InlineData("km/h", "m/s", 1 / 3.6, 0)]
    public void Its_numbers_are_those_that_were_meant(string sent, string kept, double factor, double offset) =>
        Assert.Equal(new(factor, offset), UnitConversions.Find(sent, kept));

    [Theory]
    [InlineData("°C", "°C")]
    [InlineData("℃", "°C")]
    [InlineData("ppm", "PartPerMillion")]
    [InlineData("anything", "anything")]
    public void Equal_units_need_none(string sent, string kept) => Assert.Null(UnitConversions.Find(sent, kept));

    [Theory]
    [InlineData("°X", "°C", "\"°X\" is not a known unit")]
    [InlineData("°F", "degrees of comfort", "\"degrees of comfort\" is not a known unit")]
    [InlineData("hPa", "°C", "\"hPa\" is a unit of Pressure and \"°C\" one of Temperature")]
    [InlineData("mpg (U.S.)", "L/100km", "\"mpg (U.S.)\" is not proportional to \"L/100km\"")]
    [InlineData("°F", "", "Unit is missing")]
    public void Another_pair_is_refused_with_the_key_and_the_cure(string sent, string kept, string reason)
    {
        var refusal = Assert.Throws<UsageException>(() => Load("pressure", sent, kept)).Message;

        Assert.Contains($"GrainSensors:Measurements:0:SentUnit cannot be converted to Unit: {reason}. ", refusal, StringComparison.Ordinal);
        Assert.Contains("remove SentUnit", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", "NTU", null, "NTU", "")]
    [InlineData("x", " pH ", null, "pH", "")]
    [InlineData("x", null, null, "", "")]
    [InlineData("temperature", null, null, "°C", "")]
    [InlineData("temperature", "", null, "", "")]
    [InlineData("temperature", null, "°F", "°C", "°F")]
    [InlineData("x", "hPa", "hPa", "hPa", "")]
    public void A_unit_that_is_only_shown_may_be_any_text(string name, string? unit, string? sent, string shown, string converted)
    {
        var measurement = Load(name, sent, unit).Measurements[0];

        Assert.Equal((shown, converted), (measurement.Unit, measurement.SentUnit));
        Assert.Equal(converted.Length > 0, measurement.Conversion is not null);
    }

    [Fact]
    public void A_unit_that_cannot_be_shown_is_refused() => Assert.Contains(
        "GrainSensors:Measurements:0:Unit must have at most 30 characters",
        Assert.Throws<UsageException>(() => Load("x", null, new('x', 31))).Message,
        StringComparison.Ordinal);

    private static PipelineSettings Load(string name, string? sent, string? unit) => PipelineSettings.Load(new Dictionary<string, string?>
    {
        ["Measurements:0:Name"] = name,
        ["Measurements:0:Min"] = "0",
        ["Measurements:0:Max"] = "1",
        ["Measurements:0:Unit"] = unit,
        ["Measurements:0:SentUnit"] = sent,
    });
}
