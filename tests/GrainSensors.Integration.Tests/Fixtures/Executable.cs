using System.Diagnostics;
using System.Globalization;

namespace GrainSensors.Integration.Tests.Fixtures;

/// <summary>The executable in a process of its own, as a person runs it.</summary>
internal sealed class Executable : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly Task<string> _error;
    private readonly Task _reading;

    private Executable(IEnumerable<string> arguments, string? workingDirectory)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "grainsensors.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? AppContext.BaseDirectory,
        };
        _process = Process.Start(start)!;
        _error = _process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_output)
            {
                return [.. _output];
            }
        }
    }

    public int ProcessId => _process.Id;

    public static Executable Start(string? workingDirectory, params string[] arguments) => new(arguments, workingDirectory);

    /// <returns>What it printed and how it ended.</returns>
    public static async Task<Result> RunAsync(params string[] arguments)
    {
        await using var executable = new Executable(arguments, null);
        return await executable.ExitAsync();
    }

    public async Task<Result> ExitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await _reading;
        return new(_process.ExitCode, string.Join('\n', Output), await _error);
    }

    /// <summary>Ctrl-C, or another signal by its name.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                _output.Add(line);
            }
        }
    }

    /// <summary>How a command came out.</summary>
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>It says in one sentence what it could not do and why, with nothing else, and exits with 2.</summary>
        /// <param name="offender">Named in the sentence.</param>
        public void AssertCouldNotRun(string offender)
        {
            Assert.True(ExitCode == 2, ToString());
            Assert.Empty(Output);
            Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
            Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(offender, Error, StringComparison.Ordinal);
        }

        public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
    }
}
