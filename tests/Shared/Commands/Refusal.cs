namespace GrainSensors.Tests.Shared;

/// <summary>How a command refuses.</summary>
internal static class Refusal
{
    /// <summary>It says in one sentence what it could not do and why, with nothing else, and exits with 2.</summary>
    /// <param name="offender">Named in the sentence.</param>
    public static void AssertCouldNotRun(this Executable.Result result, string offender)
    {
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Empty(result.Output);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(offender, result.Error, StringComparison.Ordinal);
    }
}
