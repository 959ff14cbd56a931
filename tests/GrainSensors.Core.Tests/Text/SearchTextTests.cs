using GrainSensors.Core.Text;

namespace GrainSensors.Core.Tests.Text;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("A Coruña", "a coruna")]
    [InlineData("ÜBER Ångström", "uber angstrom")]
    [InlineData("ΆΛΦΑ", "αλφα")]
    [InlineData("plain", "plain")]
    public void Accents_and_case_do_not_matter(string text, string folded) => Assert.Equal(folded, SearchText.Fold(text));

    [Fact]
    public void Words_are_separated_by_blanks() => Assert.Equal(["retiro", "madrid"], SearchText.Words("  Retiro  MADRID "));
}
