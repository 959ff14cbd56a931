using GrainSensors.Core.Text;

namespace GrainSensors.Core.Tests.Text;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("Málaga, Estación Norte", "Málaga, Estación Norte")]
    [InlineData("two\r\nlines\t", "two\\r\\nlines\\t")]
    [InlineData("\u001b[31mred\u0007\0", "\\u001b[31mred\\u0007\\u0000")]
    [InlineData("\u0085\u009b1m", "\\u0085\\u009b1m")]
    [InlineData("a\u202eb\u2066c\u200bd\ufeffe\u00adf", "a\\u202eb\\u2066c\\u200bd\\ufeffe\\u00adf")]
    [InlineData("a\u2028b\u2029c", "a\\u2028b\\u2029c")]
    [InlineData("\ud83c\udf21 21", "\ud83c\udf21 21")]
    public void Control_characters_and_marks_that_hide_text_are_escaped(string text, string expected) =>
        Assert.Equal(expected, PrintableText.Escape(text));

    [Fact]
    public void Half_a_surrogate_pair_is_a_replacement_character() => Assert.Equal("a\ufffdb", PrintableText.Escape("a\ud83cb"));

    [Theory]
    [InlineData("12345", "12345")]
    [InlineData("123456", "1234…")]
    [InlineData("1234\0", "1234…")]
    [InlineData("\0\0\0", "…")]
    public void Text_is_cut_to_the_width(string text, string expected) => Assert.Equal(expected, PrintableText.Escape(text, 5));
}
