using GrainSensors.Core.Alerts;

namespace GrainSensors.Core.Tests.Alerts;

public sealed class AlertNamesTests
{
    [Fact]
    public void Each_kind_has_the_word_that_tables_topics_and_rules_have()
    {
        var words = Enum.GetValues<AlertKind>().Select(kind => kind.Name()).ToList();
        Assert.Equal(
            ["disconnected", "extreme", "threshold", "rate", "stuck", "expression", "missing", "window", "group", "compare"], words);
        Assert.Equal(Enum.GetValues<AlertKind>(), words.Select(AlertNames.ParseKind));
        Assert.Equal(AlertKind.Window, AlertNames.ParseKind("Window"));
    }

    [Fact]
    public void A_kind_that_is_unknown_is_refused_with_those_that_are_known()
    {
        Assert.Null(AlertNames.FindKind("heat"));
        Assert.Equal(
            "The kind of alert must be disconnected, extreme, threshold, rate, stuck, expression, missing, window, group or compare; "
            + "got \"heat\".",
            Assert.Throws<FormatException>(() => AlertNames.ParseKind("heat")).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ((AlertKind)99).Name());
    }
}
