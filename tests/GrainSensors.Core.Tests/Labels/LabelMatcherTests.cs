using System.Diagnostics;
using GrainSensors.Core.Labels;

namespace GrainSensors.Core.Tests.Labels;

public sealed class LabelMatcherTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["city"] = "Valencia", ["room"] = "a \"b\"" };

    [Theory]
    [InlineData("city=Valencia", true)]
    [InlineData(" city = \"Valencia\" ", true)]
    [InlineData("city=valencia", false)]
    [InlineData("city!=Valencia", false)]
    [InlineData("city=~V.*", true)]
    [InlineData("city=~Val", false)]
    [InlineData("city=~Sevilla|Valencia", true)]
    [InlineData("city!~V.*", false)]
    [InlineData("city!~S.*", true)]
    [InlineData("floor=", true)]
    [InlineData("floor!=", false)]
    [InlineData("floor!=2", true)]
    [InlineData("floor=~.+", false)]
    [InlineData("room=\"a \\\"b\\\"\"", true)]
    public void A_matcher_compares_the_whole_value_and_an_absent_label_is_empty(string text, bool expected)
    {
        var matcher = LabelMatcher.Parse(text);
        Assert.Equal(expected, matcher.IsMatch(Labels));
        Assert.Equal(expected, LabelMatcher.Parse($"{matcher}").IsMatch(Labels));
    }

    [Theory]
    [InlineData("", "must be LABEL=VALUE")]
    [InlineData("city", "got \"city\"")]
    [InlineData("=x", "must be LABEL=VALUE")]
    [InlineData("city~x", "must be LABEL=VALUE")]
    [InlineData("city=~(", "has an invalid regular expression \"(\"")]
    [InlineData("city=~(a)\\1", "has an invalid regular expression")]
    public void An_invalid_matcher_is_refused_with_its_text(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => LabelMatcher.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_regular_expression_takes_a_time_linear_in_the_value()
    {
        var matcher = LabelMatcher.Parse("city=~(a+)+b");
        var started = Stopwatch.GetTimestamp();
        Assert.False(matcher.IsMatch(new Dictionary<string, string> { ["city"] = new('a', 10_000) }));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    /// <summary>Whether these take long depends on the machine.</summary>
    [Theory]
    [InlineData("(.{1,30}){1,30}")]
    [InlineData("(a|b)*a(a|b){400}")]
    [InlineData("((a{0,20}){0,20}){0,9}")]
    public void An_expression_that_takes_too_long_is_refused_or_does_not_hold_and_costs_its_time_a_few_times_only(string pattern)
    {
        var value = string.Concat(Enumerable.Range(0, 2_000).Select(i => "ab"[i * i / 3 % 2]));
        var labels = new Dictionary<string, string> { ["city"] = value };
        foreach (var word in (string[])["=~", "!~"])
        {
            try
            {
                var matcher = LabelMatcher.Parse($"city{word}{pattern}");
                for (var i = 0; i < 1_000; i++)
                {
                    matcher.IsMatch(labels);
                }
            }
            catch (FormatException)
            {
                // Its automaton would be too large.
            }
        }
    }
}
