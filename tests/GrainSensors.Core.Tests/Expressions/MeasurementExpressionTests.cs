using GrainSensors.Core.Expressions;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Expressions;

public sealed class MeasurementExpressionTests
{
    private static readonly MeasurementSet Measurements = new(
        [new("temperature", -100, 100), new("humidity", 0, 100), new("pm2.5", 0, 1000), new("max", 0, 10)]);

    [Theory]
    [InlineData("temperature - humidity < 2", 31, 30, true)]
    [InlineData("temperature - humidity < 2", 32, 30, false)]
    [InlineData("temperature > 30 && humidity > 80", 31, 81, true)]
    [InlineData("temperature > 30 && humidity > 80", 31, 80, false)]
    [InlineData("temperature > 30 and humidity > 80 or temperature > 90", 91, 0, true)]
    [InlineData("!(temperature > 30) || not (humidity >= 80)", 31, 80, false)]
    [InlineData("temperature = 1.5 && humidity != 2", 1.5, 3, true)]
    [InlineData("temperature == -1.5 && humidity <> 2", -1.5, 2, false)]
    [InlineData("2 * temperature + humidity / 4 % 3 >= 1e1", 4.5, 4, true)]
    [InlineData("-temperature <= +2 && humidity < .5", -2, 0, true)]
    [InlineData("Abs(temperature - humidity) > 3", 1, 5, true)]
    [InlineData("max(temperature, humidity, 3) == 3 && min(temperature, humidity) == 1", 1, 2, true)]
    [InlineData("sqrt(temperature) == 3 && pow(humidity, 2) == 16", 9, 4, true)]
    [InlineData("abs(exp(ln(temperature)) - temperature) < 0.001 && humidity > 0", 9, 4, true)]
    [InlineData("temperature / humidity > 3", 1, 0, true)]
    [InlineData("temperature / humidity > 3", 0, 0, false)]
    public void Expressions_hold_as_in_arithmetic(string text, double temperature, double humidity, bool holds)
    {
        var expression = MeasurementExpression.Parse(text, Measurements);
        Assert.Equal([0, 1], expression.Measurements);
        Assert.Equal(holds, expression.Holds([temperature, humidity]));
    }

    [Fact]
    public void Measurements_are_numbered_by_their_first_use_and_names_with_other_characters_are_in_brackets()
    {
        var expression = MeasurementExpression.Parse("[pm2.5] > 10 && max > 1 && [pm2.5] < temperature", Measurements);
        Assert.Equal([2, 3, 0], expression.Measurements);
        Assert.Equal(["pm2.5", "max", "temperature"], expression.Names);
        Assert.True(expression.Holds([11, 2, 20]));
        Assert.Equal("pm2.5 11, max 2, temperature 20.125", expression.Describe([11, 2, 20.1254]));
    }

    [Theory]
    [InlineData("dewpoint > 1", "must use declared measurements: temperature, humidity, pm2.5, max, in [] if a name")]
    [InlineData("dewpoint > 1", "got \"dewpoint\".")]
    [InlineData("temperature", "must be a comparison, such as temperature > 30.")]
    [InlineData("temperature + 1", "must be a comparison")]
    [InlineData("1 > 2", "must name a measurement.")]
    [InlineData("temperature >", "cannot be read: Invalid token in expression at position (1:13).")]
    [InlineData("temperature // 2", "cannot be read: Unknown operator sequence.")]
    [InlineData("1 < temperature < 3", "must give < numbers; got a comparison.")]
    [InlineData("temperature > 1 && humidity", "must give && comparisons; got a number.")]
    [InlineData("!temperature", "must give ! comparisons; got a number.")]
    [InlineData("temperature ^ 2 > 4", "can have the operators +, -, *,")]
    [InlineData("temperature ** 2 > 4", "can have the operators +, -, *,")]
    [InlineData("temperature in (1, 2)", "can have the operators +, -, *,")]
    [InlineData("temperature == 'x'", "can have numbers, measurements,")]
    [InlineData("true", "can have numbers, measurements,")]
    [InlineData("temperature > 1 ? true : false", "can have numbers, measurements,")]
    [InlineData("temperature! > 1", "can have numbers, measurements,")]
    [InlineData("round(temperature) > 1", "can have the functions abs, exp, ln, max, min, pow and sqrt; got \"round\".")]
    [InlineData("abs(temperature, 1) > 1", "must give abs one number.")]
    [InlineData("pow(temperature) > 1", "must give pow two numbers.")]
    [InlineData("min(temperature) > 1", "must give min at least two numbers.")]
    public void An_invalid_expression_is_refused_with_the_reason(string text, string reason) => Assert.Contains(
        reason, Assert.Throws<FormatException>(() => MeasurementExpression.Parse(text, Measurements)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_expression_is_limited_in_length_and_may_nest_as_deep_as_that_allows()
    {
        var deep = $"{new string('(', 244)}max>1{new string(')', 244)}";
        Assert.True(MeasurementExpression.Parse(deep, Measurements).Holds([2]));
        var many = $"max{string.Concat(Enumerable.Repeat("+1", 247))}>1";
        Assert.True(MeasurementExpression.Parse(many, Measurements).Holds([2]));
        var signs = $"{new string('!', 480)}(max>1)";
        Assert.True(MeasurementExpression.Parse(signs, Measurements).Holds([2]));
        Assert.Contains(
            "must have up to 500 characters; got 501.",
            Assert.Throws<FormatException>(() => MeasurementExpression.Parse(new('(', 501), Measurements)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_allocates_nothing()
    {
        var expression = MeasurementExpression.Parse("max(temperature, humidity) - 2 > 30 && !(humidity > 80)", Measurements);
        double[] values = [31, 40];
        expression.Holds(values);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            expression.Holds(values);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
