using GrainSensors.Core.Alerts;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Grains.Alerts;

namespace GrainSensors.Grains.Tests.Alerts;

/// <summary>Alert rules as JSON.</summary>
public sealed class RuleOverridesTests
{
    private const long Second = EpochTime.MicrosPerSecond;
    private static readonly MeasurementSet Measurements = MeasurementSet.Default;
    private static readonly AlertRules Usual = AlertRules.Default(Measurements);

    [Fact]
    public void What_is_not_given_stays_as_it_is()
    {
        var rules = Apply("""{"timeout":"00:03:00","temperature":{"minDeviation":5,"High":"40","dwellTime":"00:00:10"}}""");

        Assert.Equal(Usual.Disconnection with { Timeout = 180 * Second }, rules.Disconnection);
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
    [InlineData("\"3m\"")]
    [InlineData("\"PT3M\"")]
    [InlineData("\"00:03:00\"")]
    public void A_time_is_a_duration_in_any_of_its_forms(string duration) =>
        Assert.Equal(180 * Second, Apply($$"""{"timeout":{{duration}}}""").Disconnection.Timeout);

    [Fact]
    public void The_parts_of_a_rule_are_accepted_by_their_former_names_too()
    {
        var now = Apply("""{"temperature":{"limitHysteresis":2,"timeConstant":"1h","levelShiftAfter":"2h"}}""");
        var before = Apply("""{"temperature":{"limitMargin":2,"memory":"01:00:00","newNormalAfter":"02:00:00"}}""");

        Assert.Equal(
            Usual.Extremes[0]! with { LimitHysteresis = 2, TimeConstant = 3600 * Second, LevelShiftAfter = 7200 * Second },
            now.Extremes[0]);
        Assert.Equal(now.Extremes[0], before.Extremes[0]);
    }

    [Fact]
    public void The_rule_for_disconnection_is_turned_off_and_on()
    {
        Assert.False(Apply("""{"disconnected":false}""").Disconnection.IsEnabled);
        Assert.True(Apply("""{"disconnected":true}""").Disconnection.IsEnabled);
        Assert.True(Apply("""{"disconnected":{}}""").Disconnection.IsEnabled);
        Assert.True(Usual.Disconnection.IsEnabled);
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("7", "must be a JSON object")]
    [InlineData("""{"timeout":30}""", "\"timeout\" must be a duration, such as 30s, 15m, 24h, 7d or PT15M or 00:03:00; got \"30\".")]
    [InlineData("""{"timeout":"-00:03:00"}""", "must be a duration")]
    [InlineData("""{"timeout":"00:00:00"}""", "\"timeout\" must be a duration above 0; got \"00:00:00\".")]
    [InlineData(
        """{"pressure":{}}""",
        "\"pressure\" is unknown; use timeout, coolDown, disconnected or a measurement (temperature, humidity).")]
    [InlineData("""{"disconnected":"no"}""", "\"disconnected\" must be false to turn the rule off, or true; got no.")]
    [InlineData("""{"humidity":true}""", "or false to turn the rule off; got True.")]
    [InlineData("""{"humidity":{"hihg":3}}""", "\"hihg\" is not a part of a rule; use low, high, limitHysteresis,")]
    [InlineData("""{"humidity":{"high":"warm"}}""", "\"high\" must be a number; got \"warm\".")]
    [InlineData("""{"humidity":{"clearFraction":0}}""", "a number above 0 and at most 1; got \"0\".")]
    [InlineData("""{"humidity":{"sigmas":-1}}""", "a number of at least 0; got \"-1\".")]
    [InlineData("""{"humidity":{"low":30,"high":20}}""", "The low limit of \"humidity\" must be below the high limit; got 30 and 20.")]
    [InlineData("""{"humidity":{"low":30,"high":31}}""", "got 30 and 31. Use a smaller limitHysteresis.")]
    public void What_is_not_understood_is_said(string json, string says)
    {
        var e = Assert.Throws<FormatException>(() => Apply(json));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    private static AlertRules Apply(string json) => RuleOverrides.Apply(json, Usual, Measurements);
}
