using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>Rules in words.</summary>
public sealed class RuleOverridesTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly AlertRules Usual = AlertRules.Default(Measurements);

    [Fact]
    public void What_is_not_given_stays_as_it_is()
    {
        var rules = Apply("""{"timeout":"00:03:00","temperature":{"minDeviation":5,"High":"40","dwellTime":"00:00:10"}}""");

        Assert.Equal(Usual.Silence with { Timeout = 180 * Second }, rules.Silence);
        Assert.Equal(Usual.Extremes[0]! with { MinDeviation = 5, High = 40, DwellTime = 10 * Second }, rules.Extremes[0]);
        Assert.Equal(Usual.Extremes[1], rules.Extremes[1]);
    }

    [Fact]
    public void A_measurement_can_be_left_unwatched_and_one_without_a_rule_gets_limits_only()
    {
        var pressure = new MeasurementSet([new("temperature", -50, 50), new("pressure", 0, 2000)]);
        var rules = RuleOverrides.Apply("""{"temperature":false,"pressure":{"low":900}}""", AlertRules.Default(pressure), pressure);

        Assert.Null(rules.Extremes[0]);
        Assert.Equal((900, double.PositiveInfinity), (rules.Extremes[1]!.Low, rules.Extremes[1]!.MinDeviation));
    }

    [Theory]
    [InlineData("{", "no JSON")]
    [InlineData("7", "no JSON object")]
    [InlineData("""{"timeout":30}""", "\"timeout\" is 30; give a time such as \"00:03:00\"")]
    [InlineData("""{"timeout":"00:00:00"}""", "give a time above 0")]
    [InlineData("""{"pressure":{}}""", "\"pressure\" is neither timeout, coolDown nor a measurement; measurements are temperature, humidity")]
    [InlineData("""{"humidity":true}""", "or false to watch nothing")]
    [InlineData("""{"humidity":{"hihg":3}}""", "\"hihg\" is no part of a rule")]
    [InlineData("""{"humidity":{"high":"warm"}}""", "\"high\" is warm; give a number")]
    [InlineData("""{"humidity":{"clearFraction":0}}""", "above 0 and up to 1")]
    [InlineData("""{"humidity":{"sigmas":-1}}""", "at least 0")]
    [InlineData("""{"humidity":{"low":30,"high":20}}""", "give low below high")]
    [InlineData("""{"humidity":{"low":30,"high":31}}""", "give a smaller limitMargin")]
    public void What_is_not_understood_is_said(string json, string says)
    {
        var e = Assert.Throws<FormatException>(() => Apply(json));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    private static AlertRules Apply(string json) => RuleOverrides.Apply(json, Usual, Measurements);
}
