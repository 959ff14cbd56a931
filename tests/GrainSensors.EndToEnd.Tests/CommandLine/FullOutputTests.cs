using System.Diagnostics;

namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Commands whose output nobody can take.</summary>
[Trait("Category", "System")]
public sealed class FullOutputTests
{
    [Theory]
    [InlineData("key > /dev/full")]
    [InlineData("key --json > /dev/full")]
    [InlineData("--help > /dev/full")]
    [InlineData("key >&-")]
    public Task A_full_or_closed_standard_output_is_one_sentence_and_exit_code_2(string command) => AssertNotWrittenAsync(command);

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task A_key_that_cannot_be_printed_is_not_stored(string option)
    {
        using var folder = new TemporaryDirectory();
        var store = $"sqlite:{folder.File("keys.db")}";
        Assert.Equal(0, (await Command.RunAsync("migrate", "--store", store)).ExitCode);

        await AssertNotWrittenAsync($"key --name ann {option} --store {store} > /dev/full");

        Assert.Equal("", (await Command.RunAsync("key", "list", "--store", store)).Output.Trim());
        Assert.Equal(0, (await Command.RunAsync("key", "--name", "ann", "--store", store)).ExitCode);
    }

    private static async Task AssertNotWrittenAsync(string command)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has /dev/full.");
        var start = new ProcessStartInfo("bash", ["-c", $"exec dotnet '{Executable.Assembly}' {command}"]) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        new Executable.Result(process.ExitCode, "", errors).AssertCouldNotRun("The output cannot be written: ");
    }
}
