using GrainSensors.Sources.Configuration;

namespace GrainSensors.Sources.Tests.Mapping;

/// <summary>The names of the values of a reading: which are valid, and which one counts.</summary>
public sealed class ValueNameTests
{
    private static readonly MappingOptions Numbers = new() { Sensor = "{key}", Numbers = "" };

    [Theory]
    [InlineData("", """{"x":1,"a":{"b":2}}""", "k - a_b=1")]
    [InlineData("", """{"a":{"b":2},"x":null}""", "k - a_b=null")]
    [InlineData("", """{"a":{"b":2}}""", "k - a_b=2")]
    [InlineData("", """{"a":{"b":2},"c":4,"a_b":3}""", "k - a_b=3 c=4")]
    [InlineData("a_", """{"x":1,"b":2,"c":3}""", "k - a_b=1 a_c=3")]
    public void Of_two_values_with_one_name_that_with_a_path_counts_then_the_last(string prefix, string payload, string line) =>
        Assert.Equal(
            line,
            ReadingLog.Of(
                Numbers with { Prefix = prefix, Values = new Dictionary<string, string> { ["a_b"] = "/x" } }, payload, key: "k").Line);

    [Fact]
    public void Repeated_members_are_one() => Assert.Equal(
        "k - t=1 u=2",
        ReadingLog.Of(
            new MappingOptions { Sensor = "{key}", Values = new Dictionary<string, string> { ["t"] = "/a/t", ["u"] = "/a/u" } },
            """{"a":{"t":1,"u":1},"a":{"u":2}}""",
            key: "k").Line);

    [Theory]
    [InlineData("")]
    [InlineData("a\\u0001")]
    [InlineData("a\\u200b")]
    [InlineData("e\\u0301")]
    [InlineData("\\ud800")]
    public void A_member_without_a_valid_name_is_left_out(string name)
    {
        Assert.Equal("k - b=2", ReadingLog.Of(Numbers, $$"""{"{{name}}":1,"b":2}""", key: "k").Line);
        Assert.Equal("k - b=2", ReadingLog.Of(Numbers, $$"""{"a":{"{{name}}":{"c":1} },"b":2}""", key: "k").Line);
        Assert.Equal(
            "0 no-measurement: the reading has no number with a valid name in it",
            ReadingLog.Of(Numbers with { Exclude = ["b"] }, $$"""{"{{name}}x\u0001":1,"b":2}""", key: "k").Rejection);
    }

    [Fact]
    public void A_number_alone_has_no_name() => Assert.Equal(
        "0 no-measurement: the reading has no number with a valid name in it", ReadingLog.Of(Numbers, "21.5", key: "k").Rejection);

    [Fact]
    public void A_name_has_200_characters_at_most_with_its_prefix()
    {
        var name = new string('é', 198);
        var payload = $$"""{"{{name}}":1,"{{name}}x":2,"y":3}""";

        Assert.Equal($"k - p_{name}=1 p_y=3", ReadingLog.Of(Numbers with { Prefix = "p_" }, payload, key: "k").Line);
        Assert.Equal(
            $"k - {name}=1 {name}x=2 y=3",
            ReadingLog.Of(Numbers, payload, key: "k").Line);
        Assert.Equal("k - y=3", ReadingLog.Of(Numbers, $$"""{"{{new string('x', 900)}}":1,"y":3}""", key: "k").Line);
    }

    [Fact]
    public void Values_beyond_the_limit_are_not_looked_at() => Assert.Equal(
        "0 invalid-value: the reading has more than 1000 values in it",
        ReadingLog.Of(
            Numbers,
            $$"""{{{string.Join(',', Enumerable.Range(0, 1001).Select(n => $"\"v{n}\":{n}"))}},"v0":1e999}""",
            key: "k").Rejection);

    [Fact]
    public void A_placeholder_takes_a_path_with_a_name_in_braces() => Assert.Equal(
        ["A-7 - t=1", "B-8 - t=2"],
        ReadingLog.Of(
            new MappingOptions { Readings = "/{device}/*", Sensor = "{device}-{/{device}/*/id}", Numbers = "/{device}/*/v" },
            """{"A":[{"id":7,"v":{"t":1} }],"B":[{"id":8,"v":{"t":2} }]}""").Lines);
}
