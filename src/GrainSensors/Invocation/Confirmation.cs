using System.CommandLine;
using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Invocation;

/// <summary>Names what a command is about to change, and asks for a confirmation.</summary>
internal static class Confirmation
{
    public static Option<bool> Yes() => new("--yes") { Description = "Do not ask for confirmation; required without a terminal" };

    /// <summary>Names the target of a command before the first write.</summary>
    /// <param name="sentence">Names the action and the target, without the full stop.</param>
    public static void Announce(string sentence) => Console.Error.WriteLine($"{sentence}.");

    /// <param name="sentence">See <see cref="Announce"/>.</param>
    /// <param name="yes">Whether <see cref="Yes"/> was given.</param>
    /// <exception cref="UsageException">The answer is not yes, or there is no terminal to ask at.</exception>
    public static void Require(string sentence, bool yes, CancellationToken cancellationToken)
    {
        if (yes)
        {
            Announce(sentence);
            return;
        }

        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            throw new UsageException($"{sentence}: nothing was sent. Without a terminal, confirm it with --yes.");
        }

        Console.Error.Write($"{sentence}. Continue? [y/N] ");
        var answer = Task.Run(Console.ReadLine, CancellationToken.None);
        answer.Wait(cancellationToken);
        if (answer.Result?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new UsageException("Cancelled; nothing was sent.");
        }
    }
}
