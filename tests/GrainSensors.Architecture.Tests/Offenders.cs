namespace GrainSensors.Architecture.Tests;

internal static class Offenders
{
    /// <param name="what">What each of them does wrong, after the word "of them".</param>
    /// <param name="offenders">One line each.</param>
    public static void AssertNone(string what, IEnumerable<string> offenders)
    {
        string[] all = [.. offenders];
        Assert.True(all.Length == 0, $"{all.Length} found; each {what}:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }
}
