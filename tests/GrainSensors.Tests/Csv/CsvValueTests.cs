using GrainSensors.Csv;

namespace GrainSensors.Tests.Csv;

public sealed class CsvValueTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("NaN", true)]
    [InlineData("nan", true)]
    [InlineData("NA", true)]
    [InlineData("N/A", true)]
    [InlineData("null", true)]
    [InlineData("NULL", true)]
    [InlineData("-", true)]
    [InlineData("0", false)]
    [InlineData("-5", false)]
    [InlineData("Infinity", false)]
    [InlineData("warm", false)]
    [InlineData("--", false)]
    public void Some_words_mean_no_value(string cell, bool isMissing) => Assert.Equal(isMissing, CsvValue.IsMissing(cell));

    [Theory]
    [InlineData("21.5", false, 21.5)]
    [InlineData("-3.25e1", false, -32.5)]
    [InlineData("21,5", true, 21.5)]
    [InlineData("-0,75", true, -0.75)]
    [InlineData("21.5", true, 21.5)]
    [InlineData("21", true, 21.0)]
    [InlineData("21,5", false, null)]
    [InlineData("1.234,5", true, null)]
    [InlineData("1,234,567", true, null)]
    [InlineData("1,234.5", true, null)]
    [InlineData("Infinity", true, null)]
    [InlineData("1e999", true, null)]
    [InlineData("0x10", true, null)]
    [InlineData("21 °C", true, null)]
    [InlineData("", true, null)]
    public void A_number_has_a_point_or_where_it_is_allowed_a_comma(string cell, bool allowsComma, double? expected)
    {
        Assert.Equal(expected is not null, CsvValue.TryParse(cell, allowsComma, out var value));
        Assert.Equal(expected ?? value, value);
    }

    [Fact]
    public void A_cell_in_a_message_is_short_and_safe()
    {
        Assert.Equal($"\"{new string('x', 59)}…\"", CsvValue.Quote(new string('x', 30_000_000)));
        Assert.Equal("\"\\u001b[31m\\u202e\"", CsvValue.Quote("\u001b[31m\u202e"));
    }
}
