package io.filereplication.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
    @Test
    void isOneLineThatCanBeReadByEye() {
        Message message =
                new Message(17, Message.OK, Fields.NONE.with("missing", 3).with("files", 241));

        assertThat(message.toLine()).isEqualTo("17\tok\tfiles=241\tmissing=3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "a=b", "tab\there", "line\nfeed\r", "back\\slash\\n", "\\", "ä €"})
    void carriesAnyText(String value) {
        Message message = new Message(1, "write", Fields.NONE.with("value", value));

        assertThat(message.toLine()).doesNotContain("\n").doesNotContain("\r");
        assertThat(Message.parse(message.toLine())).contains(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "OpenJDK 64-Bit Server VM warning: x",
                "\tok",
                "x\tok",
                "1",
                "1\tok\tnoequals",
                "-1\tok",
                "1234567890123456789\tok"
            })
    void whatIsNoMessageIsSkipped(String line) {
        assertThat(Message.parse(line)).isEmpty();
    }

    @Test
    void aMissingFieldIsNamed() {
        assertThatThrownBy(() -> Fields.NONE.with("files", 1).number("bytes"))
                .hasMessageContaining("'bytes' is missing");
    }

    @Test
    void carriesSettingsStatusTotalsAndReports() {
        List<PeerAddress> peers = List.of(new PeerAddress("n1", 1, 2), new PeerAddress("n2", 3, 4));
        NodeReport status = new NodeReport("n1", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, true, 11, 12, 13, 14);
        TreeReport report = new TreeReport(1, 2, 3, 4, 5, "d", List.of("one", "two"));

        assertThat(PeerAddress.parse(PeerAddress.format(peers))).isEqualTo(peers);
        assertThat(NodeReport.of(status.toFields())).isEqualTo(status);
        assertThat(TreeReport.of(report.toFields())).isEqualTo(report);
        assertThat(Totals.of(Totals.NONE.toFields())).isEqualTo(Totals.NONE);
    }
}
