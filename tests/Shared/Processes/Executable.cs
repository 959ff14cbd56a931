using System.Diagnostics;
using System.Globalization;

namespace GrainSensors.Tests.Shared;

/// <summary>The executable in a process of its own, as a person runs it.</summary>
internal sealed class Executable : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// <c>GRAINSENSORS_TEST_PUBLISHED</c> names the folder of a published executable, which starts faster than one that is only built.
    /// </summary>
    public static string Assembly { get; } =
        Path.Combine(
            Environment.GetEnvironmentVariable("GRAINSENSORS_TEST_PUBLISHED") is { Length: > 0 } folder ? folder : AppContext.BaseDirectory,
            "grainsensors.dll");

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly Task _reading;

    private Executable(
        IEnumerable<string> arguments,
        string? workingDirectory,
        IReadOnlyDictionary<string, string>? environment = null,
        string? assembly = null)
    {
        var start = new ProcessStartInfo("dotnet", [assembly ?? Assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? AppContext.BaseDirectory,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _errors));
    }

    /// <summary>Lines until now.</summary>
    public IReadOnlyList<string> Output => Snapshot(_output);

    /// <summary>Lines of standard error until now.</summary>
    public IReadOnlyList<string> Errors => Snapshot(_errors);

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    public static Executable Start(string? workingDirectory, params string[] arguments) => new(arguments, workingDirectory);

    public static Executable StartWith(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(arguments, null, environment);

    /// <summary>Another executable than that of the product.</summary>
    public static Executable StartAssembly(string assembly, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(arguments, null, environment, assembly);

    /// <returns>What it printed and how it ended.</returns>
    public static async Task<Result> RunAsync(params string[] arguments)
    {
        await using var executable = new Executable(arguments, null);
        return await executable.ExitAsync();
    }

    /// <param name="patience">How long it may take; null: as long as nearly everything.</param>
    public async Task<Result> ExitAsync(TimeSpan? patience = null)
    {
        using var end = new CancellationTokenSource(patience ?? Patience);
        await _process.WaitForExitAsync(end.Token);
        await _reading;
        return new(_process.ExitCode, string.Join('\n', Output), string.Concat(Errors.Select(line => $"{line}\n")));
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

    private static List<string> Snapshot(List<string> lines)
    {
        lock (lines)
        {
            return [.. lines];
        }
    }

    private static async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (lines)
            {
                lines.Add(line);
            }
        }
    }

    /// <summary>How a command came out.</summary>
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>The code comes last: long texts are cut at their beginning.</summary>
        public override string ToString() => $"{Output}\n{Error}exit code {ExitCode}";
    }
}
