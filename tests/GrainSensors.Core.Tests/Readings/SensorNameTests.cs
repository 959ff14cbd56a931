using System.Text;
using GrainSensors.Core.Readings;

namespace GrainSensors.Core.Tests.Readings;

public sealed class SensorNameTests
{
    [Theory]
    [InlineData("boiler-3")]
    [InlineData(" ")]
    [InlineData("Küche")]
    [InlineData("\u1EA1\u0300")] // a with dot below and grave: no single character has both
    [InlineData("\u0939\u093F\u0928\u094D\u0926\u0940")]
    [InlineData("\u0915\u093C")] // a composition that Unicode excludes
    [InlineData("\uD55C\uAD6D")]
    [InlineData("🌡")]
    public void A_name_in_normal_form_is_valid(string text)
    {
        Assert.True(SensorName.TryParse(Encoding.UTF8.GetBytes(text), out var name));
        Assert.Equal(text, name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0")]
    [InlineData("a\tb")]
    [InlineData("\u007F")]
    [InlineData("\u009F")]
    [InlineData("a\u200B")] // zero-width space
    [InlineData("a\u00ADb")] // soft hyphen
    [InlineData("\u202Ea")] // from right to left
    [InlineData("\uFEFFa")]
    [InlineData("a\U000E0041")] // a tag
    public void Control_and_format_characters_are_invalid(string text) =>
        Assert.False(SensorName.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("u\u0308", "ü")]
    [InlineData("\u00E0\u0323", "\u1EA1\u0300")] // the mark below comes first
    [InlineData("\u0958", "\u0915\u093C")] // decomposes for good
    [InlineData("\u212B", "\u00C5")] // the unit Angstrom is a letter
    [InlineData("\u1112\u1161\u11AB", "\uD55C")] // parts of a syllable
    [InlineData("\uAC00\u11A8", "\uAC01")]
    public void A_name_is_brought_into_normal_form(string text, string expected)
    {
        Assert.True(SensorName.TryParse(Encoding.UTF8.GetBytes(text), out var name));
        Assert.Equal(expected, name);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_invalid() => Assert.False(SensorName.TryParse([(byte)'a', 0xC3], out _));

    [Fact]
    public void Length_is_counted_in_characters()
    {
        var longest = string.Concat(Enumerable.Repeat("🌡", SensorName.MaxLength));
        Assert.True(SensorName.TryParse(Encoding.UTF8.GetBytes(longest), out _));
        Assert.False(SensorName.TryParse(Encoding.UTF8.GetBytes(longest + "x"), out _));
        Assert.True(SensorName.TryParse(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("e\u0301", SensorName.MaxLength))), out _));
        Assert.False(SensorName.TryParse(Encoding.UTF8.GetBytes(new string('\u0958', SensorName.MaxLength)), out _));
    }

    [Theory]
    [InlineData(int.MinValue, true)]
    [InlineData(-2, true)]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    public void Numbers_of_names_are_below_minus_one(int number, bool isNumber) => Assert.Equal(isNumber, SensorName.IsNumber(number));
}
