namespace GrainSensors.Hosting.Configuration.Binding;

/// <summary>Reports a key that no option has, and suggests the nearest one.</summary>
internal static class UnknownKey
{
    /// <summary>The largest number of wrong letters that still count as a slip.</summary>
    private const int MaxSlips = 3;

    /// <param name="path">The whole path of the unknown key.</param>
    /// <param name="known">The paths of all keys, with <see cref="OptionKeys.Placeholder"/> for the numbers of lists.</param>
    public static string Describe(string path, IEnumerable<string> known)
    {
        var numbers = path.Split(':').Where(IsNumber).ToList();
        var wanted = string.Join(':', path.Split(':').Select(part => IsNumber(part) ? OptionKeys.Placeholder : part));
        var (nearest, slips, _) = known.Select(key => (Key: key, Slips: Slips(wanted, key), Distance: Distance(wanted, key)))
            .MinBy(candidate => (candidate.Slips, candidate.Distance));
        var isNear = slips <= Math.Min(MaxSlips, LastPart(wanted).Length / 2);
        return isNear
            ? $"{Shown(path, path)} is not a known key; did you mean {Shown(WithNumbers(nearest, numbers), path)}?"
            : $"{Shown(path, path)} is not a known key; docs/configuration.md lists the keys.";
    }

    /// <summary>A key of the right name in another section counts as one slip.</summary>
    private static int Slips(string wanted, string key) => LastPart(wanted).Equals(LastPart(key), StringComparison.OrdinalIgnoreCase)
        ? 1
        : Distance(wanted, key);

    /// <returns>The path as it was given: with <c>__</c> when an environment variable gave it.</returns>
    private static string Shown(string path, string given)
    {
        var isVariable = Environment.GetEnvironmentVariable(given.Replace(":", "__", StringComparison.Ordinal)) is not null;
        return isVariable ? path.Replace(":", "__", StringComparison.Ordinal) : path;
    }

    private static string WithNumbers(string key, List<string> numbers)
    {
        var next = 0;
        var parts = key.Split(':').Select(part => part == OptionKeys.Placeholder && next < numbers.Count ? numbers[next++] : part);
        return string.Join(':', parts);
    }

    private static string LastPart(string path) => path[(path.LastIndexOf(':') + 1)..];

    private static bool IsNumber(string part) => int.TryParse(part, out _);

    /// <returns>The number of letters to add, remove, replace or swap with their neighbour (optimal string alignment).</returns>
    private static int Distance(string from, string to)
    {
        (from, to) = (from.ToLowerInvariant(), to.ToLowerInvariant());
        var costs = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                costs[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        costs[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1),
                        Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1),
                };
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
                }
            }
        }

        return costs[from.Length, to.Length];
    }
}
