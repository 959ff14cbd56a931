namespace GrainSensors.Invocation;

/// <summary>Finds the word that a misspelt one was meant to be.</summary>
internal static class NearestWord
{
    /// <summary>A third of the letters may be wrong, and always one; beyond that a suggestion misleads.</summary>
    private const int LettersPerMistake = 3;

    /// <returns>The candidate with the fewest mistakes; null when each has too many.</returns>
    public static string? Of(string word, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Text: candidate, Mistakes: Distance(word, candidate)))
        .Where(candidate => candidate.Mistakes <= Math.Max(1, word.TrimStart('-').Length / LettersPerMistake))
        .OrderBy(candidate => candidate.Mistakes)
        .Select(candidate => candidate.Text)
        .FirstOrDefault();

    /// <summary>
    /// The Damerau-Levenshtein distance in its form for adjacent letters: insertions, deletions, substitutions and swaps.
    /// </summary>
    private static int Distance(string left, string right)
    {
        var distances = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                distances[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1,
                    distances[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    distances[i, j] = Math.Min(distances[i, j], distances[i - 2, j - 2] + 1);
                }
            }
        }

        return distances[left.Length, right.Length];
    }
}
