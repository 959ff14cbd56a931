using System.Text.RegularExpressions;

namespace GrainSensors.Architecture.Tests.Documents;

/// <summary>A Markdown document: its code blocks, code spans, links and anchors, each with the number of its line.</summary>
internal sealed partial class MarkdownFile
{
    private readonly List<Line> _prose = [];
    private readonly List<Line> _code = [];

    public MarkdownFile(string path, string text)
    {
        Path = path;
        var fence = "";
        foreach (var (index, line) in text.Split('\n').Index())
        {
            var mark = Fence().Match(line).Groups[1].Value;
            if (mark.Length > 0 && (fence.Length == 0 || mark.StartsWith(fence, StringComparison.Ordinal)))
            {
                fence = fence.Length == 0 ? mark : "";
            }
            else
            {
                (fence.Length == 0 ? _prose : _code).Add(new(index + 1, line.TrimEnd()));
            }
        }
    }

    public string Path { get; }

    /// <summary>Lines of fenced blocks; those that end in a backslash are joined with the next one.</summary>
    public IEnumerable<Line> CodeLines
    {
        get
        {
            Line? joined = null;
            foreach (var line in _code)
            {
                joined = joined is null ? line : joined with { Text = joined.Text[..^1] + line.Text };
                if (!joined.Text.EndsWith('\\'))
                {
                    yield return joined;
                    joined = null;
                }
            }
        }
    }

    /// <summary>Text between backticks. A span may go on in the next line.</summary>
    public IEnumerable<Line> CodeSpans
    {
        get
        {
            foreach (var paragraph in Paragraphs())
            {
                foreach (Match span in CodeSpan().Matches(paragraph.Text))
                {
                    var line = paragraph.Number + paragraph.Text.AsSpan(0, span.Index).Count('\n');
                    yield return new(line, span.Groups[2].Value.Replace('\n', ' ').Trim());
                }
            }
        }
    }

    /// <summary>Targets of links and images, in Markdown and in HTML.</summary>
    public IEnumerable<Line> Links =>
        from line in _prose
        let text = CodeSpan().Replace(line.Text, "code")
        from match in InlineLink().Matches(text).Concat(ReferenceLink().Matches(text)).Concat(HtmlLink().Matches(text))
        select new Line(line.Number, match.Groups[1].Value);

    /// <summary>The anchors that GitHub gives to headings, and those that the document declares itself.</summary>
    public IReadOnlySet<string> Anchors
    {
        get
        {
            var anchors = new HashSet<string>();
            foreach (var heading in _prose.Select(line => Heading().Match(line.Text)).Where(match => match.Success))
            {
                var slug = Slug(heading.Groups[1].Value);
                var anchor = slug;
                for (var copy = 1; !anchors.Add(anchor); copy++)
                {
                    anchor = $"{slug}-{copy}";
                }
            }

            anchors.UnionWith(_prose.SelectMany(line => HtmlAnchor().Matches(line.Text)).Select(match => match.Groups[1].Value));
            return anchors;
        }
    }

    private static string Slug(string heading)
    {
        var text = LinkText().Replace(heading, "$1").Trim().ToLowerInvariant();
        return string.Concat(text.Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');
    }

    private IEnumerable<Line> Paragraphs()
    {
        Line? paragraph = null;
        foreach (var line in _prose)
        {
            if (line.Text.Length > 0 && paragraph is not null && line.Number == paragraph.Number + paragraph.Text.AsSpan().Count('\n') + 1)
            {
                paragraph = paragraph with { Text = paragraph.Text + "\n" + line.Text };
                continue;
            }

            if (paragraph is not null)
            {
                yield return paragraph;
            }

            paragraph = line;
        }

        if (paragraph is not null)
        {
            yield return paragraph;
        }
    }

    [GeneratedRegex(@"^\s*(?:>\s*)?(`{3,}|~{3,})")]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", RegexOptions.Singleline)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\(<?([^)\s>]+)[^)]*\)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"^\s*\[[^\]]+\]:\s+(\S+)")]
    private static partial Regex ReferenceLink();

    [GeneratedRegex(@"\b(?:src|srcset|href)=""([^""]+)""")]
    private static partial Regex HtmlLink();

    [GeneratedRegex(@"\b(?:id|name)=""([^""]+)""")]
    private static partial Regex HtmlAnchor();

    [GeneratedRegex(@"^#{1,6}\s+(.*?)\s*#*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"!?\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    internal sealed record Line(int Number, string Text);
}
